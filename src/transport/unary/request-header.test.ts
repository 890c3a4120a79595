import { expect, test } from "vitest";
import { plainFields } from "./request-header.ts";
import type { GivenHeaders } from "./wire-format.ts";

const fieldsOf = (given: GivenHeaders | undefined) => plainFields(given, new Set(["user-agent"]));

test("plain headers are sent as they are", () => {
  expect(fieldsOf(undefined)).toEqual([]);
  expect(fieldsOf({ authorization: "Bearer 7", "x-a": "b c" })).toEqual(["authorization", "Bearer 7", "x-a", "b c"]);
  expect(fieldsOf(new Headers({ "X-A": " b " }))).toEqual(["x-a", "b"]);
});

test.each<[string, GivenHeaders]>([
  ["names in capitals", { Authorization: "7" }],
  ["names that are none", { "x a": "7" }],
  ["names of the protocol", { "user-agent": "me" }],
  ["spaces around values", { "x-a": " 7" }],
  ["values beyond ASCII", { "x-a": "\u00e9" }],
  ["line breaks", { "x-a": "7\r\nx-b: 8" }],
  ["empty values", { "x-a": "" }],
  ["values that are no strings", { "x-a": 7 as unknown as string }],
  ["lists", [["x-a", "7"]]],
  ["objects of another kind", Object.create({ "x-a": "7" })],
])("%s are left to Headers", (_, given) => {
  expect(fieldsOf(given)).toBeUndefined();
});
