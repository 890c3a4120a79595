import { expect, test } from "vitest";
import { LabelBounds } from "./label-bounds.ts";

test("a label has so many values at most, and each other label as many", () => {
  const bounds = new LabelBounds(2);
  expect(["a", "b", "c", "a", "d"].map((zone) => bounds.of("meshless.zone", zone))).toEqual(["a", "b", "_OTHER", "a", "_OTHER"]);
  expect(bounds.of("rpc.method", "c")).toBe("c");
});

test("a value has no control characters and is not longer than 128", () => {
  const bounds = new LabelBounds(2);
  expect(bounds.of("meshless.zone", 'a\n# HELP x\0"')).toBe('a?# HELP x?"');
  expect(bounds.of("meshless.zone", "z".repeat(1_000))).toHaveLength(128);
});
