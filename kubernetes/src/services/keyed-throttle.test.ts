import { expect, test } from "vitest";
import { manualClock } from "../../../src/testing/manual-clock.ts";
import { KeyedThrottle } from "./keyed-throttle.ts";

/** A throttle of 100 ms, and when it ran for which key. */
function throttled() {
  const clock = manualClock();
  const runs: string[] = [];
  const throttle = new KeyedThrottle(clock, 100, (key) => runs.push(`${key} ${clock.now()}`));
  return { clock, throttle, ran: () => runs.splice(0) };
}

test("what is asked for first is done at once, and what follows together after the interval, however long it goes on", () => {
  const { clock, throttle, ran } = throttled();
  for (let ms = 0; ms < 250; ms += 10) {
    throttle.ask("a");
    clock.advance(10);
  }
  expect(ran()).toEqual(["a 0", "a 100", "a 200"]);
  clock.advance(1_000);
  expect(ran()).toEqual(["a 300"]);
  throttle.ask("a");
  clock.advance(0);
  expect(ran()).toEqual(["a 1250"]);
});

test("keys do not wait for each other, and leave nothing behind", () => {
  const { clock, throttle, ran } = throttled();
  throttle.ask("a");
  clock.advance(50);
  throttle.ask("b");
  clock.advance(0);
  expect(ran()).toEqual(["a 0", "b 50"]);
  clock.advance(100);
  expect(clock.pending).toBe(0);
});

test("nothing runs after it has been closed", () => {
  const { clock, throttle, ran } = throttled();
  throttle.ask("a");
  throttle.close();
  clock.advance(1_000);
  expect(ran()).toEqual([]);
});
