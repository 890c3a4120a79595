import { expect, test } from "vitest";
import { manualClock } from "./manual-clock.ts";

test("stands still until it is told to move", () => {
  const clock = manualClock(100);
  expect(clock.now()).toBe(100);
  clock.advance(2.5);
  expect(clock.now()).toBe(102.5);
});

test("runs callbacks in order of time, then of scheduling, each at its own time", () => {
  const clock = manualClock();
  const ran: string[] = [];
  const at = (delayMs: number, name: string) => clock.after(delayMs, () => ran.push(`${name} at ${clock.now()}`));
  at(20, "late");
  at(10, "early");
  at(20, "later");
  at(31, "too late");
  clock.advance(30);
  expect(ran).toEqual(["early at 10", "late at 20", "later at 20"]);
  expect(clock.now()).toBe(30);
  expect(clock.pending).toBe(1);
});

test("runs what a callback schedules, if it falls due on the way", () => {
  const clock = manualClock();
  const ticks: number[] = [];
  const tick = (): void => {
    ticks.push(clock.now());
    clock.after(10, tick);
  };
  clock.after(10, tick);
  clock.advance(35);
  expect(ticks).toEqual([10, 20, 30]);
});

test("a cancelled callback does not run, even when another one at the same time cancels it", () => {
  const clock = manualClock();
  const ran: string[] = [];
  clock.after(10, () => other.cancel());
  const other = clock.after(10, () => ran.push("other"));
  clock.advance(10);
  other.cancel();
  expect(ran).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("a callback without delay waits for the clock to move, if only by nothing", () => {
  const clock = manualClock();
  let ran = false;
  clock.after(0, () => {
    ran = true;
  });
  expect(ran).toBe(false);
  clock.advance(0);
  expect(ran).toBe(true);
});

test("does not go back", () => {
  expect(() => manualClock().advance(-1)).toThrow("time moves forward only: advance by 0 ms or more, not -1");
});
