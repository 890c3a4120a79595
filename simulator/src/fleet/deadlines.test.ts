import { expect, test } from "vitest";
import { VirtualTime } from "../engine/virtual-time.ts";
import { Deadlines } from "./deadlines.ts";

function setup() {
  const time = new VirtualTime();
  const deadlines = new Deadlines(time);
  const expired: string[] = [];
  const add = (name: string, deadlineMs: number) => {
    const awaited = {
      deadlineMs,
      isOver: false,
      expire() {
        awaited.isOver = true;
        expired.push(`${name} at ${time.nowMs}`);
      },
    };
    deadlines.add(awaited);
    return awaited;
  };
  return { time, add, expired };
}

test("whoever is not over by its deadline expires, at that very time", () => {
  const { time, add, expired } = setup();
  for (const [name, atMs] of [
    ["a", 10],
    ["b", 20],
    ["c", 20],
    ["d", 30],
  ] as const) {
    const awaited = add(name, atMs);
    if (name === "b") time.at(15, () => (awaited.isOver = true));
  }
  time.run(() => false);
  expect(expired).toEqual(["a at 10", "c at 20", "d at 30"]);
});

test("thousands that are over in time cost no event each", () => {
  const { time, add, expired } = setup();
  for (let atMs = 0; atMs < 5_000; atMs += 1) {
    time.at(atMs, () => {
      const awaited = add(`at ${atMs}`, atMs + 1_000);
      if (atMs % 2_500 !== 7) awaited.isOver = true;
    });
  }
  time.run(() => false);
  expect(expired).toEqual(["at 7 at 1007", "at 2507 at 3507"]);
  expect(time.events).toBeLessThan(5_000 + 10);
});
