import { expect, test } from "vitest";
import { flawsOf, type LintedEndpoint } from "./flaws.ts";

const endpoint = (fields: Partial<LintedEndpoint> = {}): LintedEndpoint => ({
  address: "10.0.0.1",
  port: 80,
  weight: 1,
  priority: 0,
  health: "healthy",
  zone: "a",
  ...fields,
});

const other = { address: "10.0.0.2" };

test.each<[string, boolean, Partial<LintedEndpoint>[]]>([
  ["it has no endpoints", true, []],
  ["10.0.0.1:80 is listed more than once", true, [{}, {}]],
  ["it has one endpoint", false, [{}]],
  ["none of its endpoints is healthy", true, [{ health: "draining" }, { ...other, health: "unhealthy" }]],
  ["1 of 2 endpoints have no zone", false, [{}, { ...other, zone: "" }]],
  ["weights are from 1 to 101", false, [{}, { ...other, weight: 101 }]],
  ["its lowest priority is 1", false, [{ priority: 1 }, { ...other, priority: 2 }]],
  ["127.0.0.1 is the machine of whoever calls", false, [{}, { address: "127.0.0.1" }]],
])("%s, which is an error: %s", (problem, isError, fields) => {
  expect(flawsOf("a.b:80", fields.map(endpoint))).toEqual([{ service: "a.b:80", isError, problem, next: expect.stringMatching(/\w/) }]);
});

test("finds nothing where nothing is wrong", () => {
  expect(flawsOf("a.b:80", [endpoint(), endpoint({ ...other, weight: 100, priority: 1, health: "draining" })])).toEqual([]);
});
