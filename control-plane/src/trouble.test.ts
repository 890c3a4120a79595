import { expect, test } from "vitest";
import { Trouble } from "./trouble.ts";

test("a trouble that lasts is told once, another one too, and so is its end", () => {
  const lines: string[] = [];
  const log = (details: object, text: string) => void lines.push(`${text}: ${"problem" in details ? details.problem : ""}`);
  const trouble = new Trouble("registry", {}, { debug: log, info: log, warn: log, error: log });
  for (const message of ["no such file", "no such file", "line 2"]) trouble.tell(new Error(message));
  expect(trouble.isOn).toBe(true);
  for (const error of [undefined, new Error("line 2")]) trouble.tell(error);
  expect(lines).toEqual([
    "registry in trouble: no such file",
    "registry in trouble: line 2",
    "registry is well again: ",
    "registry in trouble: line 2",
  ]);
});
