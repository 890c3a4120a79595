import { describe, expect, it } from "vitest";
import { Pace } from "./pace.ts";

describe("the pace of new streams", () => {
  it("lets so many in at once, and then at a rate", () => {
    const pace = new Pace(10, 2);
    expect([0, 0, 0, 0].map((nowMs) => pace.next(nowMs, 1_000))).toEqual([0, 0, 100, 200]);
    expect([250, 1_000, 1_000, 1_000].map((nowMs) => pace.next(nowMs, 1_000))).toEqual([50, 0, 0, 100]);
  });

  it("gives no turn to those that it turns away, so that who comes when there is room is let in", () => {
    const pace = new Pace(10, 1);
    const waits = Array.from({ length: 100 }, () => pace.next(0, 500));
    expect(waits.filter((waitMs) => waitMs !== undefined)).toEqual([0, 100, 200, 300, 400, 500]);
    expect(pace.next(500, 500)).toBe(100);
  });
});
