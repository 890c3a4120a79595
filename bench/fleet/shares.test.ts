import { describe, expect, it } from "vitest";
import { sharesOf } from "./shares.ts";

describe("shares", () => {
  it("are 1 for everybody when calls are spread by weight", () => {
    expect(sharesOf([100, 200, 400], [1, 2, 4])).toEqual({ maxOverMean: 1, minOverMean: 1 });
  });

  it("tell the busiest and the least busy server by the average one", () => {
    expect(sharesOf([30, 0, 10, 0], [1, 1, 1, 1])).toEqual({ maxOverMean: 3, minOverMean: 0 });
  });

  it("are judged per unit of weight", () => {
    expect(sharesOf([50, 50], [1, 4])).toEqual({ maxOverMean: 2.5, minOverMean: 0.625 });
  });

  it("are even where nobody was called", () => {
    expect(sharesOf([0, 0], [1, 1])).toEqual({ maxOverMean: 1, minOverMean: 1 });
  });
});
