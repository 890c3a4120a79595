import { expect, test } from "vitest";
import type { Entrant } from "../suite/entrant.ts";
import { testResult } from "../suite/test-result.ts";
import { looksOf } from "./looks.ts";

const entrant = (name: string, isBound = false): Entrant => ({ name, description: "", isBound, run: () => testResult() });

test("everybody looks different", () => {
  const entrants = [...Array.from({ length: 20 }, (_, index) => entrant(`p${index}`)), entrant("jsq", true), entrant("omniscient", true)];
  const looks = looksOf(entrants, "p3");
  expect(new Set(entrants.map(({ name }) => looks(name))).size).toBe(entrants.length);
  expect([looks("p3"), looks("p0"), looks("p9"), looks("jsq")]).toEqual([
    "line focus",
    "line colour0 dash0",
    "line colour0 dash1",
    "line bound dash0",
  ]);
});
