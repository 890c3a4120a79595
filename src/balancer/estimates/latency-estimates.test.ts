import fc from "fast-check";
import { expect, test } from "vitest";
import type { Member } from "../member.ts";
import { Appraisal } from "./appraisal.ts";
import { LatencyEstimates } from "./latency-estimates.ts";
import { SlotTables } from "./slot-table.ts";

const USUAL_MS = 100;
const MEMBERS = 4;

/** Member 0 is as usual; the tests are about 1. */
const members = Array.from({ length: MEMBERS }, (_, slot) => ({ slot, oldestUnansweredAtMs: Infinity }) as Member);
const one = members[1] as Member;

function estimatesOf(own = { mean: 0, meanWeight: 1 }, tables = new SlotTables()): LatencyEstimates {
  const latency = new LatencyEstimates(tables, own);
  tables.membership(members);
  return latency;
}

/** All were seen to take the usual time; with claims, all say so too. */
function usual({ claims, own = 0, tables }: { readonly claims: boolean; readonly own?: number; readonly tables?: SlotTables }) {
  const latency = estimatesOf({ mean: own / 100, meanWeight: 100 }, tables);
  for (let round = 0; round < 20; round += 1) {
    for (const { slot } of members) {
      latency.onSuccess(slot, USUAL_MS, false, 0);
      if (claims) latency.onReport(slot, USUAL_MS, false, 0);
    }
  }
  return latency;
}

/** Calls to one member, among ten times as many usual ones. */
function see(latency: LatencyEstimates, slot: number, latencyMs: number, calls = 10, isSilent = false): void {
  for (let call = 0; call < 11 * calls; call += 1) {
    if (call % 11 === 5) latency.onSuccess(slot, latencyMs, isSilent, 0);
    else latency.onSuccess(0, USUAL_MS, false, 0);
  }
}

/** Among busy servers, unless it is said how idle they are. */
function slownessOf(latency: LatencyEstimates, member: Member, nowMs = 0, idleness = 0): number {
  const appraisal = Object.assign(new Appraisal(), { idleness });
  latency.appraise(member, nowMs, appraisal);
  return appraisal.slowness;
}

function waitingSince(oldestUnansweredAtMs: number): Member {
  return { ...one, oldestUnansweredAtMs };
}

test("before the first answer nobody is slow, whatever is claimed", () => {
  const latency = estimatesOf();
  latency.onReport(1, 1_000, false, 0);
  expect([latency.usualMs, latency.seen(1, 0), slownessOf(latency, one), slownessOf(latency, waitingSince(-1_000))]).toEqual([0, 1, 1, 1]);
});

test.each([false, true])("equals are as fast as is usual; claims: %s", (claims) => {
  const latency = usual({ claims });
  expect(latency.usualMs).toBe(USUAL_MS);
  for (const member of members) expect(slownessOf(latency, member)).toBe(1);
});

test("where nobody claims anything, who is seen to be slow is slower, and who is seen to be quick is quicker", () => {
  const latency = usual({ claims: false });
  see(latency, 1, 3 * USUAL_MS);
  see(latency, 2, USUAL_MS / 3);
  expect(slownessOf(latency, one)).toBeGreaterThan(1.3);
  expect(slownessOf(latency, members[2] as Member)).toBeLessThan(0.8);
});

test("a single slow call is not held against its server for long, and does not weigh as much as ten", () => {
  const [single, many] = [usual({ claims: false }), usual({ claims: false })];
  see(single, 1, 5 * USUAL_MS, 1);
  see(many, 1, 5 * USUAL_MS, 10);
  expect(slownessOf(single, one)).toBeLessThan(1.5);
  expect(slownessOf(many, one)).toBeGreaterThan(1.2 * slownessOf(single, one));
});

test("a server that says nothing, while others do, is judged by fewer of our calls", () => {
  const [silent, reporting] = [usual({ claims: false }), usual({ claims: false })];
  see(silent, 1, 3 * USUAL_MS, 2, true);
  see(reporting, 1, 3 * USUAL_MS, 2, false);
  expect(silent.seen(1, 0)).toBeGreaterThan(1.3 * reporting.seen(1, 0));
});

test.each([
  { claims: true, soonMs: 2_000, laterMs: 30_000 },
  { claims: false, soonMs: 200, laterMs: 3_000 },
])("what was seen is forgotten, be it good or bad, and sooner where it is all that tells of load; claims: $claims", (given) => {
  for (const latencyMs of [5 * USUAL_MS, USUAL_MS / 5]) {
    const latency = usual(given);
    see(latency, 1, latencyMs);
    const away = (ageMs: number) => Math.abs(latency.seen(1, ageMs) - 1);
    expect(away(given.soonMs) / away(0)).toBeGreaterThan(0.5);
    expect(away(given.laterMs) / away(0)).toBeLessThan(0.1);
  }
});

test("who had no calls while all became quicker did not become slow by it", () => {
  const latency = usual({ claims: true });
  for (let call = 0; call < 300; call += 1) for (const slot of [0, 2, 3]) latency.onSuccess(slot, USUAL_MS / 10, false, 0);
  expect(latency.usualMs).toBeLessThan(USUAL_MS / 5);
  expect(latency.seen(1, 0)).toBeLessThan(1.3);
});

test("the idler servers are, the less a claim to be slow counts: it is of calls of long ago, and their queues are over", () => {
  const latency = usual({ claims: true });
  latency.onReport(1, 3 * USUAL_MS, false, 0);
  const [busy, between, idle] = [0, 0.5, 1].map((idleness) => Math.sqrt(slownessOf(latency, one, 0, idleness)));
  expect(idle).toBe(1);
  expect(between).toBeCloseTo(1 + ((busy as number) - 1) / 2, 6);
});

test("what we have seen of a server counts however idle it is, and more where servers are idle: load is no excuse there", () => {
  const latency = usual({ claims: true });
  see(latency, 1, 10 * USUAL_MS, 30);
  expect(slownessOf(latency, one, 0, 1)).toBeCloseTo((1.5 / 1.25) ** 2 * slownessOf(latency, one, 0, 0));
});

test.each([
  { usualMs: 10, soonMs: 200, laterMs: 5_000 },
  { usualMs: 1_000, soonMs: 2_000, laterMs: 40_000 },
])("a claim to be slow is forgotten in some hundred latencies, ten seconds at most; where calls take $usualMs ms", (given) => {
  const latency = estimatesOf();
  for (let round = 0; round < 20; round += 1) for (const { slot } of members) latency.onSuccess(slot, given.usualMs, false, 0);
  for (const { slot } of members) latency.onReport(slot, given.usualMs, false, 0);
  latency.onReport(1, 5 * given.usualMs, false, 0);
  expect(slownessOf(latency, one, given.soonMs)).toBeGreaterThan(5);
  expect(slownessOf(latency, one, given.laterMs)).toBeLessThan(1.2);
});

test("a claim to be slow counts at once, and by more than its ratio", () => {
  const latency = usual({ claims: true });
  latency.onReport(1, 3 * USUAL_MS, false, 0);
  expect(slownessOf(latency, one)).toBeGreaterThan(3);
});

test("a claim to be quick earns nothing", () => {
  const latency = usual({ claims: true });
  latency.onReport(1, 0, false, 0);
  expect(slownessOf(latency, one)).toBe(1);
});

test("a doubted claim to be quick makes nobody else look slow, but as far as we have seen it to be quick", () => {
  const others = (isDoubted: boolean, seenMs: number) => {
    const latency = usual({ claims: true });
    see(latency, 1, seenMs, 30);
    for (let claim = 0; claim < 200; claim += 1) latency.onReport(1, 0, isDoubted, 0);
    latency.onReport(2, USUAL_MS, false, 0);
    return slownessOf(latency, members[2] as Member);
  };
  expect(others(true, USUAL_MS)).toBeLessThan(1.1);
  expect(others(true, USUAL_MS / 4)).toBeGreaterThan(1.5);
  expect(others(false, USUAL_MS)).toBeGreaterThan(5);
});

test("a server that answers is not silent, whatever it answers, and no quicker for it", () => {
  const latency = usual({ claims: false });
  const waiting = waitingSince(-10 * USUAL_MS);
  const before = slownessOf(latency, one, 20 * USUAL_MS);
  expect(slownessOf(latency, waiting, 20 * USUAL_MS)).toBeGreaterThan(5);
  latency.onAnswer(1, 20 * USUAL_MS);
  expect(slownessOf(latency, waiting, 20 * USUAL_MS)).toBe(before);
});

test("what we have seen outranks what is claimed, once it is worse by more than a few calls' luck", () => {
  const [slow, unlucky] = [usual({ claims: true }), usual({ claims: true })];
  for (const latency of [slow, unlucky]) latency.onReport(1, 0, false, 0);
  see(slow, 1, 10 * USUAL_MS, 30);
  see(unlucky, 1, 2 * USUAL_MS, 3);
  expect(slownessOf(slow, one)).toBeGreaterThan(2);
  expect(slownessOf(unlucky, one)).toBe(1);
});

test.each([false, true])(
  "a call that waits for much longer than is expected tells more than the answers before it; claims: %s",
  (claims) => {
    const latency = usual({ claims });
    expect(slownessOf(latency, waitingSince(0), USUAL_MS)).toBe(1);
    const after = [5, 10, 100].map((times) => slownessOf(latency, waitingSince(0), times * USUAL_MS));
    expect(after[0]).toBeGreaterThanOrEqual(5);
    expect(after[1]).toBeGreaterThanOrEqual(2 * (after[0] as number));
    expect(after[2]).toBeGreaterThanOrEqual(10 * (after[1] as number));
  },
);

test.each([false, true])("a call that waits is no sign while its server goes on answering others; claims: %s", (claims) => {
  const latency = usual({ claims });
  const waiting = waitingSince(0);
  const later = 50 * USUAL_MS;
  expect(slownessOf(latency, waiting, later)).toBeGreaterThan(10);
  latency.onSuccess(1, USUAL_MS, false, later - USUAL_MS);
  expect(slownessOf(latency, waiting, later)).toBeCloseTo(1, 6);
  expect(slownessOf(latency, waiting, later + 9 * USUAL_MS)).toBeGreaterThanOrEqual(10);
});

test("one very long call is hardly held against its server", () => {
  const latency = usual({ claims: true });
  see(latency, 1, 1_000 * USUAL_MS, 1);
  expect(latency.seen(1, 0)).toBeLessThan(2.5);
  expect(latency.usualMs).toBeLessThan(1.4 * USUAL_MS);
});

test("many very long calls are held against it, however long they are", () => {
  const latency = usual({ claims: true });
  see(latency, 1, 1_000 * USUAL_MS, 30);
  expect(latency.seen(1, 0)).toBeGreaterThan(10);
});

test("where nobody claims anything, what was seen counts the less the more calls of our own are in flight", () => {
  const slowness = (own: number) => {
    const latency = usual({ claims: false, own });
    see(latency, 1, 3 * USUAL_MS);
    return slownessOf(latency, one) - 1;
  };
  expect(slowness(1)).toBeCloseTo(slowness(0) / 2, 6);
  expect(slowness(9)).toBeCloseTo(slowness(0) / 10, 6);
});

test("what was seen of a server that claims to be quick counts, however many calls of our own are in flight", () => {
  const [few, many] = [usual({ claims: true }), usual({ claims: true, own: 9 })];
  for (const latency of [few, many]) see(latency, 1, 5 * USUAL_MS, 30);
  expect(slownessOf(many, one)).toBe(slownessOf(few, one));
  expect(slownessOf(many, one)).toBeGreaterThan(2);
});

test("a server that is known to be slow may take its time", () => {
  const latency = usual({ claims: true });
  latency.onReport(1, 5 * USUAL_MS, false, 0);
  const before = slownessOf(latency, one);
  expect(slownessOf(latency, { ...one, oldestUnansweredAtMs: -4 * USUAL_MS })).toBe(before);
});

test("the latency of a failure counts only if it is high", () => {
  const latency = usual({ claims: false });
  latency.onFailure(1, 1, 0);
  expect(latency.seen(1, 0)).toBe(1);
  latency.onFailure(1, 20 * USUAL_MS, 0);
  expect(latency.seen(1, 0)).toBe(20);
  expect(latency.usualMs).toBe(USUAL_MS);
});

test("if all of them claim to take no time, nobody is slow by that", () => {
  const latency = estimatesOf();
  see(latency, 0, USUAL_MS);
  for (const { slot } of members) latency.onReport(slot, 0, false, 0);
  expect(slownessOf(latency, one)).toBe(1);
  latency.onReport(1, 50, false, 0);
  expect(slownessOf(latency, one)).toBeGreaterThan(2);
});

test("one claim, however wild, does not hide that another server says it is slow", () => {
  const latency = usual({ claims: true });
  latency.onReport(2, 3_600_000, false, 0);
  latency.onReport(1, 5 * USUAL_MS, false, 0);
  expect(slownessOf(latency, one)).toBeGreaterThan(4);
});

test("who left is forgotten, a newcomer in its slot is as usual, and who stays keeps what was learned", () => {
  const tables = new SlotTables();
  const latency = usual({ claims: true, tables });
  for (const slot of [1, 2]) see(latency, slot, 10 * USUAL_MS, 30);
  const before = slownessOf(latency, members[2] as Member);
  const newcomer = { ...one };
  tables.membership([newcomer, members[2] as Member]);
  expect(slownessOf(latency, newcomer)).toBe(1);
  expect(slownessOf(latency, members[2] as Member)).toBe(before);
});

test("whatever is seen and claimed, slowness is a positive number", () => {
  const ms = fc.oneof(fc.constantFrom(0, 5e-324, 1, 3_600_000, 1e12), fc.double({ min: 0, max: 1e6, noNaN: true }));
  const step = fc.record({
    type: fc.constantFrom("success", "failure", "report"),
    slot: fc.nat(MEMBERS - 1),
    ms,
    is: fc.boolean(),
    nowMs: fc.nat(30_000),
    waitedMs: fc.constantFrom(-Infinity, 0, 10, 1e9),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const latency = estimatesOf();
      for (const { type, slot, ms, is, nowMs, waitedMs } of steps) {
        if (type === "success") latency.onSuccess(slot, ms, is, nowMs);
        if (type === "failure") latency.onFailure(slot, ms, nowMs);
        if (type === "report") latency.onReport(slot, Math.min(ms, 3_600_000), is, nowMs);
        const slowness = members.map((member) => slownessOf(latency, { ...member, oldestUnansweredAtMs: nowMs - waitedMs }, nowMs));
        expect(Math.min(...slowness)).toBeGreaterThanOrEqual(0);
        expect(slowness.some(Number.isNaN)).toBe(false);
      }
    }),
  );
});
