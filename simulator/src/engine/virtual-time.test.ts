import { expect, test } from "vitest";
import { VirtualTime } from "./virtual-time.ts";

function logged(): { time: VirtualTime; log: string[]; note: (what: string) => () => void } {
  const time = new VirtualTime();
  const log: string[] = [];
  return { time, log, note: (what) => () => log.push(`${time.nowMs} ${what}`) };
}

test("events happen in order of time, then of scheduling, each at its own time", () => {
  const { time, log, note } = logged();
  time.after(20, note("c"));
  time.after(10, note("a"));
  time.at(10, note("b"));
  time.run(() => false);
  expect(log).toEqual(["10 a", "10 b", "20 c"]);
  expect(time.events).toBe(3);
});

test("an event may schedule others, itself included; what lies in the past happens now", () => {
  const { time, log, note } = logged();
  time.after(5, () => {
    note("first")();
    time.at(1, note("late"));
    time.after(-3, note("negative"));
  });
  time.run(() => false);
  expect(log).toEqual(["5 first", "5 late", "5 negative"]);
});

test("an event that is scheduled again moves; at Infinity or cancelled it never happens", () => {
  const { time, log, note } = logged();
  const events = ["moved", "never", "cancelled"].map((what) => ({ place: -1, fire: note(what) }));
  const [moved, never, cancelled] = events as [(typeof events)[0], (typeof events)[0], (typeof events)[0]];
  for (const event of events) time.schedule(event, 1);
  time.schedule(moved, 7);
  time.schedule(never, Infinity);
  time.cancel(cancelled);
  time.run(() => false);
  expect(log).toEqual(["7 moved"]);
});

test("a run ends as soon as it is over", () => {
  const { time, log, note } = logged();
  for (const atMs of [1, 2, 3]) time.at(atMs, note("tick"));
  time.run(() => time.nextAtMs > 2);
  expect(log).toEqual(["1 tick", "2 tick"]);
});
