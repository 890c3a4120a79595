import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { numRuns } from "../../test/xds/ads-commands.ts";
import type { ByteEdit } from "./byte-edits.ts";
import { EditHistory } from "./edit-history.ts";

const endpoint = fc.integer({ min: 1, max: 250 }).map((last) => `10.0.0.${last}:8080 weight 1 healthy;`);
const state = fc.array(fc.oneof(endpoint, fc.string()), { maxLength: 60 }).map((parts) => parts.join(""));

function edited(bytes: Buffer, edits: readonly ByteEdit[]): Buffer {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { keep, drop, add } of edits) {
    parts.push(bytes.subarray(at, at + keep), add);
    at += keep + drop;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

function sizeOf(steps: readonly (readonly ByteEdit[])[]): number {
  return steps.flat().reduce((sum, { add }) => sum + add.length, 0);
}

/** The history of these texts, which are their own versions. */
function historyOf(texts: readonly string[]): EditHistory {
  const states = texts.map((text) => ({ version: text, bytes: Buffer.from(text) }));
  return states.reduce((history, now, place) => {
    const before = states[place - 1];
    return before === undefined ? history : history.next(before, now);
  }, EditHistory.none);
}

const long = "0123456789".repeat(100);
const states = Array.from({ length: 60 }, (_, index) => `${index} ${long.repeat(3)}`);

test("whatever becomes of a state, each one that its history leads from becomes it, in no more bytes than a quarter of it", () => {
  fc.assert(
    fc.property(fc.array(state, { minLength: 2, maxLength: 12 }), (texts) => {
      const history = historyOf(texts);
      const last = texts.at(-1) as string;
      for (const text of new Set(texts)) {
        const steps = history.since(text);
        if (steps === undefined) continue;
        expect(steps.reduce(edited, Buffer.from(text)).toString()).toBe(last);
        expect(sizeOf(steps)).toBeLessThanOrEqual(Buffer.from(last).length / 4);
      }
    }),
    { numRuns },
  );
});

describe("the history of a resource", () => {
  it("leads from each of the last 32 states", () => {
    const history = historyOf(states);
    const known = states.map((text) => history.since(text)?.length);
    expect(known).toEqual([
      ...Array.from({ length: 27 }, () => undefined),
      ...Array.from({ length: 32 }, (_, index) => 32 - index),
      undefined,
    ]);
  });

  it("has one endpoint of 10,000 as what it is, wherever it comes and another one goes", () => {
    const all = Array.from({ length: 10_000 }, (_, index) => `10.${index >> 8}.${index & 255}.1:8080;`);
    const others = [...all.slice(0, 17), ...all.slice(18, 9_000), "10.99.99.99:8080;", ...all.slice(9_000)];
    const steps = historyOf([all.join(""), others.join("")]).since(all.join("")) ?? [];
    expect([steps.length, steps[0]?.length, sizeOf(steps)]).toEqual([1, 2, "10.99.99.99:8080;".length]);
  });

  it("begins anew with a change that is too large", () => {
    const history = historyOf([`a${long}`, `b${long}`, `b${long.replaceAll("5", "x")}`, `c${long.replaceAll("5", "x")}`]);
    expect([history.since(`a${long}`), history.since(`b${long}`)]).toEqual([undefined, undefined]);
    expect(history.since(`b${long.replaceAll("5", "x")}`)).toHaveLength(1);
  });

  it("leads from a state that came back by the shorter way", () => {
    const history = historyOf([`a${long}`, `b${long}`, `a${long}`, `c${long}`]);
    expect(history.since(`a${long}`)).toHaveLength(1);
  });
});
