import "../../../test/support/property-seed.ts";
import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, test } from "vitest";
import { withPrefix } from "../unary/received-bytes.ts";
import { EnvelopeSplitter } from "./envelope-splitter.ts";

interface Envelope {
  readonly isCompressed: boolean;
  readonly payload: Uint8Array;
}

const envelopes = fc.array(fc.record<Envelope>({ isCompressed: fc.boolean(), payload: fc.uint8Array({ maxLength: 40 }) }), {
  maxLength: 12,
});

function split(splitter: EnvelopeSplitter, chunks: readonly Uint8Array[]): Envelope[] {
  const found: Envelope[] = [];
  for (const chunk of chunks) {
    splitter.push(chunk);
    for (let payload = splitter.next(); payload !== undefined; payload = splitter.next()) {
      found.push({ isCompressed: splitter.flags === 1, payload });
    }
  }
  return found;
}

test("wherever bytes are cut into chunks, the same envelopes come of them", () => {
  fc.assert(
    fc.property(envelopes, fc.array(fc.nat(600)), (given, cuts) => {
      const bytes = Buffer.concat(given.map(({ payload, isCompressed }) => withPrefix(payload, isCompressed)));
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
      const splitter = new EnvelopeSplitter(40);
      expect(split(splitter, chunks)).toEqual(given);
      expect(splitter.isWithin).toBe(false);
    }),
  );
});

test("a response that breaks off within a prefix, or after one that announces more, breaks off within an envelope", () => {
  const bytes = withPrefix(new Uint8Array(3), false);
  for (let length = 1; length < bytes.length; length++) {
    const splitter = new EnvelopeSplitter(40);
    expect(split(splitter, [bytes.subarray(0, length)])).toEqual([]);
    expect([length, splitter.isWithin]).toEqual([length, true]);
  }
});

test("a payload that is too long is refused by its prefix, before it has come", () => {
  const splitter = new EnvelopeSplitter(40);
  splitter.push(withPrefix(new Uint8Array(41), false).subarray(0, 5));
  expect(() => splitter.next()).toThrow(expect.objectContaining({ code: Code.ResourceExhausted }));
});

test("a payload shares no memory with what came beside it", () => {
  const chunk = withPrefix(Uint8Array.of(1, 2, 3), false);
  const splitter = new EnvelopeSplitter(40);
  splitter.push(chunk);
  const payload = splitter.next();
  chunk.fill(9);
  expect(payload).toEqual(Uint8Array.of(1, 2, 3));
});
