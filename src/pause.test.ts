import { expect, test } from "vitest";
import { pause } from "./pause.ts";
import { manualClock } from "./testing/manual-clock.ts";

test("a pause ends after its time, and not before", async () => {
  const clock = manualClock();
  let over = false;
  const pausing = pause(clock, 100, new AbortController().signal).then(() => {
    over = true;
  });
  clock.advance(99);
  await Promise.resolve();
  expect(over).toBe(false);
  clock.advance(1);
  await pausing;
});

test("a pause ends at once when it is cancelled, with the reason, and leaves no timer", async () => {
  const clock = manualClock();
  const caller = new AbortController();
  const pausing = pause(clock, 100, caller.signal);
  caller.abort(new Error("enough"));
  await expect(pausing).rejects.toThrow("enough");
  expect(clock.pending).toBe(0);
});
