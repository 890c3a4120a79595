import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { BalancerEvent } from "../balancer-event.ts";
import { MutableMember } from "../members/mutable-member.ts";
import type { OutcomeKind } from "../outcome.ts";
import { outlierDetection } from "./outlier-detection.ts";
import type { OutlierDetectionOptions } from "./outlier-options.ts";

/** A fleet of e0, e1, ... whose first interval begins at 0. Events read "10000 e0 out 30000" and "40000 e0 back". */
class Fleet {
  readonly members: readonly MutableMember[];
  readonly events: string[] = [];
  readonly #ejector;

  constructor(size: number, options: OutlierDetectionOptions = {}, seed = 7) {
    this.members = Array.from({ length: size }, (_, slot) => new MutableMember(testEndpoint({ id: `e${slot}` }), slot, 0));
    this.#ejector = outlierDetection(options)({ random: seededRandom(seed) });
    this.at(0);
  }

  get reviewAtMs(): number {
    return this.#ejector.reviewAtMs;
  }

  /** The time is now this. */
  at(nowMs: number): void {
    for (const event of this.#ejector.review(this.members, this.members.length, nowMs)) this.events.push(`${nowMs} ${told(event)}`);
  }

  settle(slot: number, kind: OutcomeKind, times: number, startedAtMs = 0): void {
    const member = this.members[slot] as MutableMember;
    const outcome = testOutcome(kind, { processed: "yes" });
    for (let call = 0; call < times; call += 1) this.#ejector.onOutcome(member, outcome, startedAtMs, this.members.length, 0);
  }

  /** 100 calls on each endpoint, all at the end of the interval; the bad ones fail all of theirs. */
  interval(endMs: number, bad: readonly number[]): void {
    for (const slot of this.members.keys()) this.settle(slot, bad.includes(slot) ? "failure" : "success", 100, endMs - 1);
    this.at(endMs);
  }

  forget(slot: number): void {
    this.#ejector.forget(this.members[slot] as MutableMember);
  }

  out(): readonly string[] {
    return this.members.filter((member) => member.ejection !== "none").map((member) => member.endpoint.id);
  }
}

function told(event: BalancerEvent): string {
  if (event.type === "endpointEjected") return `${event.endpoint.id} out ${event.forMs}`;
  return event.type === "endpointReadmitted" ? `${event.endpoint.id} back` : event.type;
}

test("an outlier is out at the end of the interval, not sooner, and back after 30 s without a probe", () => {
  const fleet = new Fleet(5);
  fleet.interval(9_999, [0]);
  expect(fleet.out()).toEqual([]);
  for (const nowMs of [10_000, 20_000, 30_000, 39_999, 40_000]) fleet.at(nowMs);
  expect(fleet.events).toEqual(["10000 e0 out 30000", "40000 e0 back"]);
  expect(fleet.members[0]?.readmittedAtMs).toBe(40_000);
});

test("a client error is a call that did not succeed, as A50 has it", () => {
  const fleet = new Fleet(5);
  for (const slot of fleet.members.keys()) fleet.settle(slot, slot === 0 ? "clientError" : "success", 100);
  fleet.at(10_000);
  expect(fleet.out()).toEqual(["e0"]);
});

test("the reason tells the rate and the limit", () => {
  const fleet = new Fleet(5);
  fleet.interval(10_000, [0]);
  expect(fleet.members[0]?.ejectionReason).toBe("success rate 0.000, below 0.040");
});

test("each interval is judged by its own calls", () => {
  const fleet = new Fleet(5);
  for (const slot of fleet.members.keys()) fleet.settle(slot, slot === 0 ? "failure" : "success", 50);
  fleet.at(10_000);
  for (const slot of fleet.members.keys()) fleet.settle(slot, slot === 0 ? "failure" : "success", 50, 10_000);
  fleet.at(20_000);
  expect(fleet.events).toEqual([]);
});

test("each ejection is 30 s longer than the one before, up to 300 s", () => {
  const fleet = new Fleet(5);
  for (let nowMs = 10_000; nowMs <= 2_300_000; nowMs += 10_000) fleet.interval(nowMs, [0]);
  const lengths = fleet.events.flatMap((event) => event.match(/out (\d+)/)?.[1] ?? []).map(Number);
  expect(lengths).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300].map((seconds) => seconds * 1_000));
});

test("each interval that an endpoint stays in takes one back; the one in which it returns does not", () => {
  const lengthAfter = (goodIntervals: number) => {
    const fleet = new Fleet(5);
    // Out at 10, back at 40; out at 50 for 60 s, back at 110; out at 120 for 90 s, back at 210.
    for (const endMs of [10_000, 40_000, 50_000, 110_000, 120_000, 210_000]) fleet.interval(endMs, [0]);
    for (let interval = 1; interval <= goodIntervals; interval += 1) fleet.interval(210_000 + interval * 10_000, []);
    fleet.interval(220_000 + goodIntervals * 10_000, [0]);
    return fleet.events.at(-1)?.split(" ").at(-1);
  };
  expect([0, 1, 2, 3, 4].map(lengthAfter)).toEqual(["120000", "90000", "60000", "30000", "30000"]);
});

test("sweeps that were missed while nobody called are made up for, to the same effect", () => {
  const [steady, idle] = [new Fleet(5), new Fleet(5)];
  for (const fleet of [steady, idle]) {
    for (const endMs of [10_000, 40_000, 50_000]) fleet.interval(endMs, [0]);
    expect(fleet.members[0]?.ejections).toBe(2);
  }
  for (let nowMs = 60_000; nowMs <= 123_000; nowMs += 1_000) steady.at(nowMs);
  idle.at(123_000);
  expect([steady.members[0]?.ejections, idle.members[0]?.ejections]).toEqual([1, 1]);
  expect([steady.events.at(-1), idle.events.at(-1)]).toEqual(["110000 e0 back", "123000 e0 back"]);
  expect([steady.reviewAtMs, idle.reviewAtMs]).toEqual([130_000, 130_000]);
  idle.at(10_000_000);
  expect([idle.members[0]?.ejections, idle.reviewAtMs]).toEqual([0, 10_010_000]);
});

test("calls before a pause are judged at its end, and an ejection that ended in it is told, then its end", () => {
  const fleet = new Fleet(5);
  for (const slot of fleet.members.keys()) fleet.settle(slot, slot === 0 ? "failure" : "success", 100);
  fleet.at(95_000);
  expect(fleet.events).toEqual(["95000 e0 out 30000", "95000 e0 back"]);
  expect(fleet.out()).toEqual([]);
});

test.each([
  [10, 10, 1],
  [10, 11, 2],
  [10, 0, 1],
  [20, 10, 2],
  [5, 40, 2],
  [5, 100, 5],
])("of %i endpoints and at %i %% at most, %i are out", (size, maxEjectionPercent, expected) => {
  const fleet = new Fleet(size, { maxEjectionPercent, successRateEjection: false, failurePercentageEjection: {} });
  fleet.interval(10_000, [...fleet.members.keys()]);
  expect(fleet.out().length).toBe(expected);
  fleet.interval(20_000, [...fleet.members.keys()]);
  expect(fleet.out().length).toBe(expected);
});

test.each(["failure", "success"] as const)("the counts of a member that left, each a %s, are not those of its successor", (kind) => {
  const fleet = new Fleet(5, { successRateEjection: { requestVolume: 1 } });
  fleet.settle(0, kind, 100);
  fleet.forget(0);
  fleet.settle(0, kind === "failure" ? "success" : "failure", 1);
  for (const slot of [1, 2, 3, 4]) fleet.settle(slot, "success", 100);
  fleet.at(10_000);
  expect(fleet.members[0]?.ejectionReason).toBe(kind === "failure" ? "" : "success rate 0.000, below 0.040");
});

test("calls that an ejected endpoint gets, as in panic, do not make the others look better", () => {
  const fleet = new Fleet(6, { maxEjectionPercent: 100 });
  fleet.interval(10_000, [0]);
  for (const slot of [0, 1, 2, 3, 4, 5]) fleet.settle(slot, slot === 0 ? "failure" : "success", 100, 10_000);
  fleet.settle(1, "failure", 20, 10_000);
  fleet.at(20_000);
  expect(fleet.out()).toEqual(["e0", "e1"]);
});

test("an endpoint that is an outlier both ways is ejected once", () => {
  const fleet = new Fleet(5, { maxEjectionPercent: 100, failurePercentageEjection: {} });
  fleet.interval(10_000, [0]);
  expect(fleet.events).toEqual(["10000 e0 out 30000"]);
});

test("failures in a row are counted for policies, and start anew with the readmission", () => {
  const fleet = new Fleet(5);
  fleet.settle(0, "failure", 100);
  for (const slot of [1, 2, 3, 4]) fleet.settle(slot, "success", 100);
  expect(fleet.members[0]?.consecutiveFailures).toBe(100);
  for (const nowMs of [10_000, 40_000]) fleet.at(nowMs);
  expect(fleet.members[0]?.consecutiveFailures).toBe(0);
});

test("counts no calls that began before the readmission, none while ejected, and none that say nothing", () => {
  const fleet = new Fleet(6, { successRateEjection: false, failurePercentageEjection: {}, maxEjectionPercent: 100 });
  fleet.interval(10_000, [0]);
  fleet.settle(0, "failure", 100, 15_000);
  fleet.at(40_000);
  fleet.settle(0, "failure", 100, 39_999);
  for (const kind of ["abandoned", "refused", "unreachable"] as const) fleet.settle(1, kind, 100, 40_000);
  fleet.settle(2, "overload", 100, 40_000);
  fleet.settle(3, "timeout", 100, 40_000);
  fleet.at(50_000);
  expect(fleet.events).toEqual(["10000 e0 out 30000", "40000 e0 back", "50000 e2 out 30000", "50000 e3 out 30000"]);
});

test("enforced at 30 %, an outlier is out in 300 of 1,000 cases, to within 45", () => {
  let out = 0;
  for (let seed = 0; seed < 1_000; seed += 1) {
    const fleet = new Fleet(5, { successRateEjection: { enforcementPercentage: 30 } }, seed);
    fleet.interval(10_000, [0]);
    out += fleet.out().length;
  }
  expect(Math.abs(out - 300)).toBeLessThanOrEqual(45);
});

test("every option of time counts, and an ejection lasts whole intervals", () => {
  const fleet = new Fleet(5, { intervalMs: 1_000, baseEjectionMs: 2_500, maxEjectionMs: 4_000 });
  for (let nowMs = 1_000; nowMs <= 10_000; nowMs += 1_000) fleet.interval(nowMs, [0]);
  expect(fleet.events).toEqual(["1000 e0 out 3000", "4000 e0 back", "5000 e0 out 4000", "9000 e0 back", "10000 e0 out 4000"]);
  const brief = new Fleet(5, { intervalMs: 1_000, baseEjectionMs: 0 });
  brief.interval(1_000, [0]);
  brief.at(2_000);
  expect(brief.events).toEqual(["1000 e0 out 1000", "2000 e0 back"]);
  const floored = new Fleet(5, { baseEjectionMs: 50_000, maxEjectionMs: 20_000 });
  floored.interval(10_000, [0]);
  expect(floored.events).toEqual(["10000 e0 out 50000"]);
});

test("an ejection ends at the very time of a sweep, though times do not add up exactly in binary", () => {
  const fleet = new Fleet(5, { intervalMs: 0.1, baseEjectionMs: 0.3 });
  const member = fleet.members[0] as MutableMember;
  const readmissions: number[] = [];
  for (let sweep = 1; sweep <= 1_000; sweep += 1) {
    const dueAtMs = fleet.reviewAtMs;
    const wasOut = member.ejection !== "none";
    fleet.interval(dueAtMs, [0]);
    expect(fleet.reviewAtMs).toBeGreaterThan(dueAtMs);
    if (!wasOut || member.ejection !== "none") continue;
    readmissions.push(dueAtMs);
    expect(member.ejectedUntilMs).toBe(dueAtMs);
  }
  expect(readmissions.length).toBeGreaterThan(20);
});
