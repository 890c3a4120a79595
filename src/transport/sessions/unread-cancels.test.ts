import { expect, test } from "vitest";
import { manualClock } from "../../testing/index.ts";
import { UnreadCancels } from "./unread-cancels.ts";

function start() {
  const clock = manualClock();
  const seen: number[] = [];
  const cancels: UnreadCancels = new UnreadCancels(clock, () => seen.push(cancels.count));
  const add = (times: number) => {
    for (let n = 0; n < times; n++) cancels.add();
  };
  return { clock, cancels, seen, add };
}

test("an answer shows that the cancels before its stream were read, and no others", () => {
  const { cancels, seen, add } = start();
  add(3);
  const answered = cancels.opened();
  add(2);
  answered?.();
  expect([cancels.count, seen]).toEqual([2, [2]]);
});

test("answers out of order take nothing back", () => {
  const { cancels, seen, add } = start();
  add(1);
  const first = cancels.opened();
  add(1);
  const second = cancels.opened();
  second?.();
  first?.();
  expect([cancels.count, seen]).toEqual([0, [0]]);
});

test("where nothing was cancelled, an answer has nothing to tell", () => {
  const { cancels, clock } = start();
  expect(cancels.opened()).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test("without an answer a place is held for one to two seconds", () => {
  const { cancels, clock, add } = start();
  add(1);
  clock.advance(999);
  add(1);
  expect(cancels.count).toBe(2);
  clock.advance(1);
  expect(cancels.count).toBe(1);
  clock.advance(1_000);
  expect([cancels.count, clock.pending]).toEqual([0, 0]);
});

test("leaves no timer behind once all is read, or when it is stopped", () => {
  const { cancels, clock, add } = start();
  add(2);
  cancels.opened()?.();
  expect(clock.pending).toBe(0);
  add(1);
  cancels.stop();
  expect(clock.pending).toBe(0);
});
