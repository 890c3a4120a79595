import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { RecentQuantile } from "./recent-quantile.ts";

test("agrees with sorting the last so many numbers, whatever they are", () => {
  const random = seededRandom(3);
  const recent = new RecentQuantile(10);
  const all: number[] = [];
  for (let step = 0; step < 500; step += 1) {
    const value = Math.floor(random() * 8);
    recent.add(value);
    all.push(value);
    const sorted = all.slice(-10).sort((a, b) => a - b);
    for (const share of [0, 0.1, 0.5, 0.84, 0.999, 1]) {
      const wanted = sorted.find((candidate) => sorted.filter((other) => other <= candidate).length >= share * sorted.length);
      expect(recent.at(share)).toBe(wanted);
    }
  }
});

test("knows nothing before the first number", () => {
  expect(new RecentQuantile(4).at(0.5)).toBeNaN();
});
