import { expect, test } from "vitest";
import { permitsBounce } from "./bounce.ts";

test("a permit is 1 or 2, and nothing else: in doubt a call is taken", () => {
  expect(["1", "2"].map(permitsBounce)).toEqual([true, true]);
  const others = [null, "", "0", "3", "-1", "02", "1.0", "2e0", " 1", "1, 2", "2,2", "true", "१", "1\0"];
  expect(others.map(permitsBounce)).toEqual(others.map(() => false));
});
