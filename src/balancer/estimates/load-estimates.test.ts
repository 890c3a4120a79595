import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Member } from "../member.ts";
import { Appraisal } from "./appraisal.ts";
import { LoadEstimates } from "./load-estimates.ts";
import { OwnCalls } from "./own-calls.ts";
import { SlotTables } from "./slot-table.ts";

const USUAL_MS = 20;
/** From when a report is taken to be made until it is here. */
const ON_ITS_WAY_MS = 5;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

interface TestMember {
  readonly slot: number;
  readonly endpoint: Member["endpoint"];
  inFlight: number;
  oldestUnansweredAtMs: number;
  /** When those calls began that wait. */
  unansweredAtMs: readonly number[];
  unansweredSince(atMs: number): number;
}

/** The balancer's part: counts calls in flight, and tells of them. */
class Fleet {
  /** What the client sees of its own calls; 1 is usual. */
  readonly latency = { usualMs: USUAL_MS, slowness: 1, seen: () => this.latency.slowness };
  readonly own = new OwnCalls();
  readonly tables = new SlotTables();
  readonly load = new LoadEstimates(this.tables, this.own, this.latency);
  members: TestMember[] = [];

  constructor(size: number) {
    this.members = Array.from({ length: size }, (_, slot) => newMember(slot));
    this.tellMembership();
  }

  tellMembership(members = this.members): void {
    this.members = members;
    this.own.membership(members as unknown as readonly Member[]);
    this.tables.membership(members as unknown as readonly Member[]);
  }

  /** A call that was due to this member, unless two others were drawn for it. */
  start(slot: number, cost = 1, nowMs = 0, drawn: readonly number[] = [slot, slot]): void {
    const [member, one, other] = [slot, ...drawn].map((at) => this.#at(at) as unknown as Member) as [Member, Member, Member];
    this.#at(slot).inFlight += cost;
    this.own.count(cost);
    this.load.onStart(member, one, other, cost, nowMs);
  }

  end(slot: number, cost = 1, startedAtMs = 0): void {
    this.#at(slot).inFlight -= cost;
    this.own.count(-cost);
    this.load.onEnd(slot, cost, startedAtMs);
  }

  /** Made then, and here a little later. */
  report(slot: number, inFlight: number | undefined, madeAtMs = 0, { usualMs = USUAL_MS, slowness = 1 } = {}): void {
    const rest = { requestsPerSecond: 1, errorsPerSecond: 0, utilization: 0 };
    const report = inFlight === undefined ? rest : { ...rest, inFlight };
    Object.assign(this.latency, { usualMs, slowness });
    this.load.onReport(this.#at(slot) as unknown as Member, report, madeAtMs + ON_ITS_WAY_MS);
  }

  overload(slot: number, nowMs = 0): void {
    this.load.onOverload(this.#at(slot) as unknown as Member, nowMs);
  }

  waitsSince(slot: number, atMs: number): void {
    this.#at(slot).oldestUnansweredAtMs = atMs;
  }

  waitSince(slot: number, ...unansweredAtMs: readonly number[]): void {
    this.#at(slot).unansweredAtMs = unansweredAtMs;
  }

  of(slot: number, nowMs = 0, slowness = 1): number {
    const appraisal = new Appraisal();
    this.latency.slowness = slowness;
    this.load.appraiseIdleness(appraisal);
    this.load.appraise(this.#at(slot) as unknown as Member, nowMs, appraisal);
    return appraisal.load;
  }

  /** What one call more counts as there, where nobody has anything to do. */
  callOn(slot: number, rated: Partial<Appraisal> = {}): number {
    const appraisal = Object.assign(new Appraisal(), rated);
    this.load.appraise(this.#at(slot) as unknown as Member, 0, appraisal);
    return appraisal.call;
  }

  #at(slot: number): TestMember {
    const found = this.members.find((member) => member.slot === slot);
    if (found === undefined) throw new Error(`nobody in slot ${slot}`);
    return found;
  }
}

function newMember(slot: number, weight = 1): TestMember {
  return {
    slot,
    endpoint: testEndpoint({ id: `${slot}`, weight }),
    inFlight: 0,
    oldestUnansweredAtMs: Infinity,
    unansweredAtMs: [],
    unansweredSince(atMs) {
      return this.unansweredAtMs.filter((startedAtMs) => startedAtMs >= atMs).length;
    },
  };
}

/** All of them report the same load. */
function allReporting(inFlight: number, size = 5): Fleet {
  const fleet = new Fleet(size);
  for (const { slot } of fleet.members) fleet.report(slot, inFlight);
  return fleet;
}

/** Member 1 says twice that it is idle, while a call waits there. */
function claimFalsely(fleet: Fleet): void {
  fleet.waitsSince(1, 0);
  fleet.report(1, 0, SECOND_MS - 8);
  fleet.report(1, 0, SECOND_MS);
}

/** So many calls, of which slot 3 gets one in two and the others get the rest in turn, each over at once. */
function favourThree(fleet: Fleet, calls: number, nowMs: number): void {
  for (let call = 0; call < calls; call += 1) {
    const { length } = fleet.members;
    const slot = call % 2 === 0 ? 3 : call % length;
    fleet.start(slot, 1, nowMs, [call % length, (call + 1) % length]);
    fleet.end(slot);
  }
}

test("of idle servers, whose turn it is costs less; less so for one that is slow, and one that fails has nothing to catch up with", () => {
  const fleet = new Fleet(5);
  favourThree(fleet, 1_000, 0);
  expect(fleet.callOn(3)).toBeGreaterThan(2);
  expect(fleet.callOn(0)).toBeLessThan(0.5);
  expect(fleet.callOn(0, { slowness: 1.1 })).toBeCloseTo(fleet.callOn(0) ** (2 / 3), 9);
  expect(fleet.callOn(0, { success: 0.9 })).toBe(1);
  expect(fleet.callOn(3, { success: 0.9 })).toBeGreaterThan(1);
});

test("where nobody reports, load is what the client itself has there", () => {
  const fleet = new Fleet(3);
  for (let calls = 0; calls < 4; calls += 1) fleet.start(1);
  expect([fleet.load.areReported, fleet.of(0), fleet.of(1)]).toEqual([false, 0, 4]);
  expect(fleet.of(1, 0, 2)).toBe(9);
});

test("load is the last report and what was sent since, until the next one", () => {
  const fleet = allReporting(7);
  fleet.start(1);
  fleet.start(1, 2.5);
  expect(fleet.of(1)).toBe(10.5);
  expect(fleet.of(0)).toBe(7);
  fleet.report(1, 9);
  expect(fleet.of(1)).toBe(9);
});

test("a call that ended without a report is not counted on: who stops reporting is not taken for ever more loaded", () => {
  const fleet = allReporting(7);
  for (let call = 0; call < 1_000; call += 1) {
    fleet.start(1);
    fleet.end(1);
  }
  expect(fleet.of(1)).toBe(7);
});

test("a call that was counted in the report, and ended, is not taken off what was sent since", () => {
  const fleet = allReporting(7);
  fleet.start(1, 1, 10);
  fleet.report(1, 7, 20);
  fleet.start(1, 1, 30);
  fleet.end(1, 1, 10);
  expect(fleet.of(1, 20)).toBe(8);
  fleet.end(1, 1, 30);
  expect(fleet.of(1, 20)).toBe(7);
});

test("calls sent since the report was made, before it was here, are not in it", () => {
  const fleet = allReporting(7);
  fleet.start(1, 4);
  fleet.waitSince(1, 10, 19, 20, 24);
  fleet.report(1, 7, 20);
  expect(fleet.of(1, 20)).toBe(9);
  fleet.end(1, 1, 20);
  expect(fleet.of(1, 20)).toBe(8);
});

test("others to whom it answered since the report do as we do: it has more for each call that we sent", () => {
  const fleet = allReporting(8, 4);
  for (const { slot } of fleet.members) fleet.start(slot, 2);
  for (const { slot } of fleet.members) fleet.report(slot, 8);
  fleet.start(1, 2);
  const added = (nowMs: number) => fleet.of(1, nowMs) - fleet.of(0, nowMs);
  expect(added(0)).toBe(2);
  // We have 2.5 of 8 there, and 5.5 answers go to others in 20 ms.
  expect(added(USUAL_MS / 11)).toBeCloseTo(2 * 1.5, 6);
  expect(added(USUAL_MS / 5.5)).toBeCloseTo(2 * 2, 6);
  // There are but 2.2 of them for one of us.
  expect(added(USUAL_MS)).toBeCloseTo(2 * (8 / 2.5), 6);
});

test("where all calls are ours, nobody else sends any", () => {
  const fleet = allReporting(2, 4);
  for (const { slot } of fleet.members) fleet.start(slot, 2);
  for (const { slot } of fleet.members) fleet.report(slot, 2);
  fleet.start(1);
  expect(fleet.of(1, USUAL_MS)).toBe(3);
});

test("nobody has less than the client's own calls there, whatever is reported", () => {
  const fleet = allReporting(7);
  for (let calls = 0; calls < 30; calls += 1) fleet.start(1);
  fleet.report(1, 0);
  expect(fleet.of(1)).toBeGreaterThanOrEqual(30);
});

test.each([
  { usualMs: USUAL_MS, atMs: 6 * USUAL_MS },
  { usualMs: 10 * SECOND_MS, atMs: SECOND_MS },
])("a report grows old, good news sooner than bad, in some latencies, and in seconds where calls take $usualMs ms", ({ usualMs, atMs }) => {
  const fleet = new Fleet(3);
  for (let round = 0; round < 100; round += 1) fleet.report(0, 10, 0, { usualMs });
  const mean = fleet.of(0);
  const keptShare = (inFlight: number, ageMs: number) => {
    fleet.report(1, inFlight, 0, { usualMs });
    return (fleet.of(1, ageMs) - mean) / (inFlight - mean);
  };
  expect([keptShare(2, 0), keptShare(30, 0)]).toEqual([1, 1]);
  expect(keptShare(2, atMs)).toBeLessThan(0.2);
  expect(keptShare(30, atMs)).toBeGreaterThan(0.3);
  expect(keptShare(30, 100 * atMs)).toBeLessThan(0.1);
});

test("reports before any answer, as they come beside calls, count at once, and for as long as reports do at most", () => {
  const fleet = new Fleet(3);
  fleet.report(1, 5, 0, { usualMs: 0 });
  fleet.report(2, 50, 0, { usualMs: 0 });
  expect([fleet.of(1), fleet.of(2)]).toEqual([5, 50]);
  expect(fleet.of(2, 250)).toBeGreaterThan(30);
  expect(fleet.of(2, 10 * SECOND_MS)).toBeLessThan(10);
});

test("who claims to be idle, while a call of ours waits there for longer than usual, is not believed for 200 reports", () => {
  const fleet = allReporting(10);
  claimFalsely(fleet);
  fleet.waitsSince(1, Infinity);
  expect([fleet.load.isReported(1), fleet.load.isTrusted(1)]).toEqual([false, false]);
  for (let report = 0; report < 200; report += 1) {
    fleet.report(1, 99, MINUTE_MS);
    expect(fleet.of(1, MINUTE_MS)).toBeLessThan(11);
  }
  fleet.report(1, 99, MINUTE_MS);
  expect(fleet.of(1, MINUTE_MS)).toBe(99);
});

test("who goes on claiming it is found out again before it is believed", () => {
  const fleet = allReporting(10);
  for (let nowMs = SECOND_MS; nowMs < MINUTE_MS; nowMs += 10) {
    fleet.waitsSince(1, nowMs - 2 * USUAL_MS);
    fleet.report(1, 0, nowMs);
    if (nowMs > 2 * SECOND_MS) expect(fleet.load.isTrusted(1)).toBe(false);
  }
});

test("what is claimed by one who is not believed is not taken for usual", () => {
  const fleet = allReporting(10);
  claimFalsely(fleet);
  for (let claim = 0; claim < 1_000; claim += 1) fleet.report(1, 0, SECOND_MS);
  expect(fleet.of(1, SECOND_MS)).toBe(10);
});

test("a false claim is none if the answer that it forgot is here soon: answers overtake each other", () => {
  const suspectAtMs = SECOND_MS + ON_ITS_WAY_MS;
  const isTrusted = (waitsSinceMs: number, afterMs: number) => {
    const fleet = allReporting(10);
    fleet.waitsSince(1, 0);
    fleet.report(1, 0, SECOND_MS);
    fleet.waitsSince(1, waitsSinceMs);
    fleet.of(1, suspectAtMs + afterMs);
    return fleet.load.isTrusted(1);
  };
  expect([5, 6].map((afterMs) => isTrusted(0, afterMs))).toEqual([true, false]);
  expect(isTrusted(Infinity, 8)).toBe(true);
  // Another call waits there, and did not wait too long when it was claimed that none does.
  expect(isTrusted(suspectAtMs - USUAL_MS, MINUTE_MS)).toBe(true);
});

test.each([
  ["says that it works on the call", 1, 10 * USUAL_MS, {}],
  ["says that it works on it, when the call has only just come", 0, USUAL_MS, {}],
  ["says so of the time when the call had only just come", 0, USUAL_MS, {}],
  ["is far away, so that its calls take longer", 0, 4 * USUAL_MS, { slowness: 4 }],
  ["has answered nothing yet, nor anybody else", 0, 10 * USUAL_MS, { usualMs: 0 }],
])("one is believed that %s", (_, inFlight, waitedMs, circumstances) => {
  const fleet = allReporting(10);
  for (const atMs of [SECOND_MS - 20, SECOND_MS]) {
    fleet.waitsSince(1, atMs - waitedMs);
    fleet.report(1, inFlight, atMs, circumstances);
  }
  expect(fleet.load.isTrusted(1)).toBe(true);
  expect(fleet.of(1, SECOND_MS)).toBe(inFlight);
});

test("who gets more than is fair, and says it has less than is usual, is taken for usual", () => {
  const fleet = allReporting(10);
  favourThree(fleet, 1_000, 0);
  for (const { slot } of fleet.members) fleet.report(slot, slot === 3 ? 1 : 10);
  expect(fleet.load.isDoubted(fleet.members[3] as unknown as Member, 0)).toBe(true);
  expect(fleet.of(3)).toBeGreaterThan(9);
  expect(fleet.of(2)).toBe(10);
});

test("who gets more than is fair is taken for less than usual if it was seen to be quick, and for more if we have many calls there", () => {
  const fleet = allReporting(10);
  favourThree(fleet, 1_000, 0);
  fleet.report(3, 1);
  expect(fleet.of(3, 0, 0.5)).toBeLessThan(6);
  for (let calls = 0; calls < 4; calls += 1) fleet.start(3);
  fleet.report(3, 1);
  expect(fleet.of(3)).toBeGreaterThan(20);
});

test("who gets more than is fair is believed that it has more than usual", () => {
  const fleet = allReporting(10);
  favourThree(fleet, 1_000, 0);
  fleet.report(3, 25);
  expect(fleet.of(3)).toBe(25);
});

test("who gets more than is fair can't make others look busy by its claims", () => {
  const fleet = allReporting(10);
  favourThree(fleet, 1_000, 0);
  for (let claim = 0; claim < 1_000; claim += 1) fleet.report(3, 0);
  const silent = newMember(5);
  fleet.tellMembership([...fleet.members, silent]);
  expect(fleet.of(5)).toBeCloseTo(10, 0);
});

test("a silent server among reporting ones is as loaded as is usual, times what it has more of our calls, and takes longer for them", () => {
  const fleet = allReporting(11, 4);
  fleet.tellMembership([...fleet.members, newMember(4), newMember(5)]);
  for (const { slot } of fleet.members) fleet.start(slot);
  for (const slot of [0, 1, 2, 3]) fleet.report(slot, 11);
  expect(fleet.load.isReported(4)).toBe(false);
  expect(fleet.of(4)).toBeCloseTo(11, 6);
  expect(fleet.of(4, 0, 2)).toBeCloseTo(23, 6);
  for (let calls = 0; calls < 2; calls += 1) fleet.start(4);
  expect(fleet.of(4)).toBeGreaterThan(15);
});

test.each(["silent", "reporting"])("an overloaded %s server has more than twice the usual load, for some seconds", (kind) => {
  const fleet = allReporting(kind === "silent" ? 0 : 10, 3);
  fleet.tellMembership([...fleet.members, newMember(3)]);
  const slot = kind === "silent" ? 3 : 1;
  const usual = fleet.of(slot);
  fleet.overload(slot);
  expect(fleet.of(slot)).toBeGreaterThanOrEqual(2 * usual + 2);
  expect(fleet.of(slot, 10 * SECOND_MS)).toBeCloseTo(usual, 1);
});

test("what is usual goes by weight: of whom nothing is known, one of three times the weight has three times the load", () => {
  const fleet = new Fleet(2);
  fleet.tellMembership([...fleet.members, newMember(2, 3), newMember(3, 3)]);
  fleet.report(0, 6);
  fleet.report(2, 18);
  expect([fleet.of(0, MINUTE_MS), fleet.of(2, MINUTE_MS)].map(Math.round)).toEqual([6, 18]);
  expect([fleet.of(1), fleet.of(3)]).toEqual([6, 18]);
});

test("a claim is doubted, and overload measured, by weight", () => {
  const fleet = new Fleet(0);
  fleet.tellMembership([0, 1, 2, 3, 4].map((slot) => newMember(slot, slot === 3 ? 2 : 1)));
  for (const { slot, endpoint } of fleet.members) fleet.report(slot, 10 * endpoint.weight);
  favourThree(fleet, 1_000, 0);
  fleet.report(3, 2);
  expect(Math.round(fleet.of(3))).toBe(20);
  fleet.overload(3);
  fleet.overload(2);
  expect([fleet.of(2), fleet.of(3)].map(Math.round)).toEqual([22, 42]);
});

test("a report ends what overload made of a server", () => {
  const fleet = allReporting(10);
  fleet.overload(1);
  fleet.report(1, 9);
  expect(fleet.of(1)).toBe(9);
});

test("where nobody reports, one that was overloaded once is soon as good as others, however many calls it had since", () => {
  const fleet = new Fleet(3);
  fleet.overload(1);
  for (let call = 0; call < 1_000; call += 1) {
    fleet.start(1);
    fleet.end(1);
  }
  expect(fleet.of(1, 20 * SECOND_MS)).toBeCloseTo(fleet.of(0, 20 * SECOND_MS), 5);
});

test("a silent server that was overloaded once is judged by our own calls there, as before", () => {
  const fleet = allReporting(10, 2);
  fleet.tellMembership([...fleet.members, newMember(2), newMember(3)]);
  fleet.overload(3);
  for (const slot of [2, 3]) fleet.start(slot, 4);
  expect(fleet.of(3, 20 * SECOND_MS)).toBeCloseTo(fleet.of(2), 5);
  expect(fleet.load.isReported(3)).toBe(false);
});

test("who left is forgotten, a newcomer in its slot counts as usual, and who stays keeps what was learned", () => {
  const fleet = allReporting(10);
  for (const slot of [1, 2]) {
    fleet.report(slot, 30);
    fleet.start(slot, 3);
  }
  fleet.overload(1);
  const before = fleet.of(2);
  fleet.tellMembership(fleet.members.map((member) => (member.slot === 1 ? newMember(1) : member)));
  expect(fleet.load.isReported(1)).toBe(false);
  expect(fleet.of(1)).toBeLessThan(12);
  expect(fleet.of(2)).toBe(before);
});

test("a liar who left is not remembered for the slot that it had", () => {
  const fleet = allReporting(10);
  claimFalsely(fleet);
  fleet.tellMembership(fleet.members.map((member) => (member.slot === 1 ? newMember(1) : member)));
  expect(fleet.load.isTrusted(1)).toBe(true);
});

test("calls in flight never drift, whoever comes and goes with calls of any cost: they are as if counted anew", () => {
  const chance = seededRandom(5);
  const fleet = allReporting(10, 6);
  const running: { readonly member: TestMember; readonly cost: number }[] = [];
  for (let step = 0; step < 5_000; step += 1) {
    const member = fleet.members[Math.floor(chance() * fleet.members.length)] as TestMember;
    const cost = chance() < 0.5 ? 1 : chance() * 20;
    fleet.start(member.slot, cost, step);
    running.push({ member, cost });
    if (running.length > 30) {
      const [ended] = running.splice(Math.floor(chance() * running.length), 1) as [(typeof running)[number]];
      // Nobody is told of calls to members that left.
      if (fleet.members.includes(ended.member)) fleet.end(ended.member.slot, ended.cost);
    }
    if (step % 100 === 0) fleet.tellMembership(fleet.members.map((old) => (chance() < 0.2 ? newMember(old.slot) : old)));
  }
  const silent = newMember(6);
  fleet.tellMembership([...fleet.members, silent]);
  for (const { member, cost } of running) if (fleet.members.includes(member)) fleet.end(member.slot, cost);
  const fresh = new Fleet(0);
  fresh.tellMembership(fleet.members);
  fresh.report(0, 10);
  expect(fleet.of(6, 5_000)).toBeCloseTo(fresh.of(6, 5_000), 6);
});

test("whatever is reported and whatever comes of calls, load is a finite number, and not below the client's own calls", () => {
  const step = fc.record({
    type: fc.constantFrom("start", "end", "report", "overload", "wait", "replace"),
    slot: fc.nat(3),
    value: fc.oneof(fc.constantFrom(0, 1, 1_000_000), fc.double({ min: 0, max: 1e6, noNaN: true })),
    usualMs: fc.constantFrom(0, 0.01, 20, 1e7),
    slowness: fc.constantFrom(0, 0.5, 1, 1_000),
    passedMs: fc.constantFrom(0, 0, 1, 100, 1e5, 1e9),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const fleet = new Fleet(4);
      let nowMs = 0;
      for (const { type, slot, value, usualMs, slowness, passedMs } of steps) {
        nowMs += passedMs;
        const member = fleet.members[slot] as TestMember;
        if (type === "start") fleet.start(slot, 1, nowMs);
        if (type === "end" && member.inFlight > 0) fleet.end(slot);
        if (type === "report") fleet.report(slot, value, nowMs, { usualMs, slowness: Math.max(1, slowness) });
        if (type === "overload") fleet.overload(slot, nowMs);
        if (type === "wait") fleet.waitsSince(slot, nowMs);
        if (type === "replace") fleet.tellMembership(fleet.members.map((old) => (old.slot === slot ? newMember(slot) : old)));
        const loads = fleet.members.map((each) => fleet.of(each.slot, nowMs, slowness));
        expect(loads.every((load) => Number.isFinite(load) && load >= -1)).toBe(true);
        for (const each of fleet.members) {
          if (fleet.load.isReported(each.slot)) expect(loads[each.slot]).toBeGreaterThanOrEqual(each.inFlight);
        }
      }
    }),
  );
});
