import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { Keys } from "./keys.ts";

function shares(keys: Keys, draws = 50_000): Map<string, number> {
  const random = seededRandom(1);
  const found = new Map<string, number>();
  for (let i = 0; i < draws; i += 1) {
    const key = keys.draw(random);
    found.set(key, (found.get(key) ?? 0) + 1 / draws);
  }
  return found;
}

test("without a skew, all keys are alike", () => {
  const found = shares(new Keys({ count: 4 }));
  for (let i = 0; i < 4; i += 1) expect(found.get(`key-${i}`)).toBeCloseTo(0.25, 1.5);
});

test("with Zipf's law, the k-th key is 1/k as frequent as the first", () => {
  const found = shares(new Keys({ count: 1_000, zipf: 1 }));
  const first = found.get("key-0") as number;
  expect((found.get("key-1") as number) / first).toBeCloseTo(1 / 2, 1);
  expect((found.get("key-9") as number) / first).toBeCloseTo(1 / 10, 1);
});
