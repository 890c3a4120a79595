import "../../../test/support/property-seed.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../../../test/support/property-runs.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import { HedgedCall, type Lane } from "./hedged-call.ts";

/** What becomes of an attempt that is left alone. */
const fates = fc.record({
  afterMs: fc.constantFrom(0, 5, 10, 15, 40, Infinity),
  end: fc.constantFrom("answer", "unavailable", "notFound", "lost"),
  pushbackMs: fc.constantFrom(undefined, undefined, undefined, -1, 7),
});

const worlds = fc.record({
  fates: fc.array(fates, { minLength: 1, maxLength: 5 }),
  delayMs: fc.constantFrom(undefined, 0, 5, 10),
  maxAttempts: fc.integer({ min: 2, max: 5 }),
  /** Of each hedge, whether somebody takes it and the budget pays. */
  taken: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  cancelledAfterMs: fc.constantFrom(Infinity, Infinity, 8),
});

const outcomeOf = {
  unavailable: testOutcome("failure", { processed: "yes", code: 14 }),
  notFound: testOutcome("clientError", { processed: "yes", code: 5 }),
  lost: testOutcome("failure", { processed: "unknown", code: 14 }),
};

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a hedged call ends once, with the first answer; then nothing goes on, nothing begins, and the losers are cancelled", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async ({ fates, delayMs, maxAttempts, taken, cancelledAfterMs }) => {
      const clock = manualClock();
      const caller = new AbortController();
      const lanes: { readonly lane: Lane; isOpen: boolean; readonly end: string }[] = [];
      let ends = 0;
      let endedWith = "";
      const begin = (lane: Lane) => {
        expect(ends).toBe(0);
        const { afterMs, end, pushbackMs } = fates[lanes.length % fates.length] as (typeof fates)[number];
        const record = { lane, isOpen: true, end };
        lanes.push(record);
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        const close = (settle: () => void) => {
          if (!record.isOpen) return;
          record.isOpen = false;
          settle();
        };
        clock.after(afterMs, () =>
          close(() => {
            if (end === "answer") return resolve(end);
            Object.assign(lane, { outcome: outcomeOf[end], pushbackMs });
            reject(new Error(end));
          }),
        );
        lane.stop.signal.addEventListener("abort", () =>
          close(() => {
            lane.outcome = testOutcome("abandoned", { processed: "unknown" });
            reject(new Error("cancelled"));
          }),
        );
        return promise;
      };
      let hedges = 0;
      const policy = { maxAttempts, delayMs: () => delayMs, codes: new Set([14]), onAnswered() {} };
      const hedge = (lane: Lane) => (taken[hedges++ % taken.length] ? begin(lane) : undefined);
      const call = new HedgedCall({ policy, clock, signal: caller.signal, begin, hedge }).run();
      const watched = call.then(
        (answer) => {
          ends++;
          endedWith = answer;
        },
        (error: Error) => {
          ends++;
          endedWith = error.message;
        },
      );
      for (let atMs = 0; atMs <= 60 && ends === 0; atMs += 4) {
        if (atMs === cancelledAfterMs) caller.abort(new Error("cancelled"));
        clock.advance(4);
        await settled();
      }
      const open = lanes.filter(({ isOpen }) => isOpen);
      expect(lanes.length).toBeLessThanOrEqual(maxAttempts);
      if (ends === 0) {
        // It waits for somebody who may still answer, or for the time to ask again.
        expect(open.length > 0 || clock.pending > 0).toBe(true);
        caller.abort(new Error("cancelled"));
      }
      await watched;
      expect([ends, lanes.filter(({ isOpen }) => isOpen)]).toEqual([1, []]);
      if (endedWith === "answer") expect(lanes.some(({ end }) => end === "answer")).toBe(true);
      if (endedWith === "notFound") expect(lanes.some(({ end }) => end === "notFound")).toBe(true);
      const begun = lanes.length;
      clock.advance(100);
      await settled();
      expect(lanes).toHaveLength(begun);
    }),
    { numRuns: propertyRuns(500) },
  );
});
