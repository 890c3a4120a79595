import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { isFairDraw } from "./fair-draws.ts";

test("ten heads of ten are as unlikely as they are", () => {
  // 0 or 10 heads of 10: 2 in 1024.
  expect(isFairDraw([10, 0], 0.0039)).toBe(true);
  expect(isFairDraw([10, 0], 0.004)).toBe(false);
  expect(isFairDraw([9, 1], 0.004)).toBe(true);
});

test("fair draws pass but for the share of exceptions, or a little less: what is unlikely for each is added up over all", () => {
  const random = seededRandom(1);
  const drawn = () => {
    const counts = new Array<number>(8).fill(0);
    for (let draw = 0; draw < 200; draw += 1) {
      const pod = Math.floor(random() * 8);
      counts[pod] = (counts[pod] as number) + 1;
    }
    return counts;
  };
  const failed = Array.from({ length: 2_000 }, drawn).filter((counts) => !isFairDraw(counts, 0.1)).length / 2_000;
  expect(failed).toBeGreaterThan(0.04);
  expect(failed).toBeLessThan(0.1);
});

test("a server without calls is no chance once there are some", () => {
  expect(isFairDraw([100, 100, 100, 0], 0.001)).toBe(false);
  expect(isFairDraw([213, 113, 72, 2], 0.001)).toBe(false);
  expect(isFairDraw([90, 110, 105, 95], 0.001)).toBe(true);
});
