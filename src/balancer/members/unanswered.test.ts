import fc from "fast-check";
import { expect, test } from "vitest";
import { type Link, Unanswered } from "./unanswered.ts";

function link(startedAtMs: number): Link {
  return { startedAtMs, older: undefined, newer: undefined };
}

/** Calls that began at 10, 20 and 30. */
function three() {
  const unanswered = new Unanswered();
  const links = [link(10), link(20), link(30)] as const;
  for (const each of links) unanswered.add(each);
  return { unanswered, links };
}

test("nobody waits at first", () => {
  expect(new Unanswered().oldestAtMs).toBe(Infinity);
});

test.each([
  { order: [0, 1, 2], oldest: [20, 30, Infinity] },
  { order: [0, 2, 1], oldest: [20, 20, Infinity] },
  { order: [1, 0, 2], oldest: [10, 30, Infinity] },
  { order: [1, 2, 0], oldest: [10, 10, Infinity] },
  { order: [2, 0, 1], oldest: [10, 20, Infinity] },
  { order: [2, 1, 0], oldest: [10, 10, Infinity] },
])("answered in the order $order, the oldest are those of $oldest", ({ order, oldest }) => {
  const { unanswered, links } = three();
  expect(unanswered.oldestAtMs).toBe(10);
  const seen = order.map((place) => {
    unanswered.delete(links[place] as Link);
    return unanswered.oldestAtMs;
  });
  expect(seen).toEqual(oldest);
});

test("counts those that began at a time or later", () => {
  const { unanswered, links } = three();
  const counts = () => [31, 30, 20, 11, 0].map((atMs) => unanswered.countSince(atMs));
  expect(counts()).toEqual([0, 1, 2, 2, 3]);
  unanswered.delete(links[1]);
  expect(counts()).toEqual([0, 1, 1, 1, 2]);
});

test("who was answered holds on to nobody, and the list takes new calls afterwards", () => {
  const { unanswered, links } = three();
  for (const each of links) unanswered.delete(each);
  for (const { older, newer } of links) expect([older, newer]).toEqual([undefined, undefined]);
  unanswered.add(link(40));
  expect(unanswered.oldestAtMs).toBe(40);
});

test("any order of calls and answers gives the oldest of a plain list", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20)), { maxLength: 80 }), (steps) => {
      const unanswered = new Unanswered();
      const waiting: Link[] = [];
      for (const [nowMs, place] of steps.entries()) {
        if (place === null) {
          const started = link(nowMs);
          unanswered.add(started);
          waiting.push(started);
        } else if (waiting.length > 0) {
          for (const answered of waiting.splice(place % waiting.length, 1)) unanswered.delete(answered);
        }
        expect(unanswered.oldestAtMs).toBe(waiting[0]?.startedAtMs ?? Infinity);
      }
    }),
  );
});
