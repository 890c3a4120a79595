import { expect, test } from "vitest";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Member } from "../member.ts";
import { FairShare } from "./fair-share.ts";
import { OwnCalls } from "./own-calls.ts";
import { SlotTables } from "./slot-table.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

function membersOf(...weights: readonly number[]): readonly Member[] {
  return weights.map((weight, slot) => ({ slot, endpoint: testEndpoint({ id: `${slot}`, weight }) }) as Member);
}

const ten = membersOf(...new Array<number>(10).fill(1));

interface Calls {
  readonly members?: readonly Member[];
  readonly count?: number;
  readonly fromMs?: number;
  readonly everyMs?: number;
  /** The slot that a call goes to. */
  readonly to: (call: number) => number;
}

/** Makes calls, for each of which two are drawn, and tells who then gets more than is fair. */
function exceeding(shares: FairShare, calls: Calls): readonly number[] {
  const { members = ten, count = 1_000, fromMs = 0, everyMs = 10 } = calls;
  make(shares, calls);
  return whoExceeds(shares, fromMs + count * everyMs, members);
}

function make(shares: FairShare, { members = ten, count = 1_000, fromMs = 0, everyMs = 10, to }: Calls): void {
  const chance = seededRandom(count);
  for (let call = 0; call < count; call += 1) {
    const nowMs = fromMs + call * everyMs;
    const one = randomIndex(chance, members.length);
    const other = (one + 1 + randomIndex(chance, Math.max(1, members.length - 1))) % members.length;
    shares.count(to(call), members[one] as Member, members[other] as Member, nowMs);
  }
}

function shareOf(shares: FairShare, slot: number): number {
  return shares.shares.get(slot);
}

function whoExceeds(shares: FairShare, nowMs: number, members = ten): readonly number[] {
  return members.filter((member) => shares.isExceededBy(member, nowMs)).map(({ slot }) => slot);
}

function sharesOf(members = ten): FairShare {
  return fleetOf(members).shares;
}

function fleetOf(members: readonly Member[]) {
  const [tables, own] = [new SlotTables(), new OwnCalls()];
  const shares = new FairShare(tables, own);
  const tellMembership = (present: readonly Member[]) => [tables, own].forEach((part) => part.membership(present));
  tellMembership(members);
  return { shares, tellMembership };
}

/** One call in so many goes to slot 3, the others to all in turn. */
function favouringThree(every: number) {
  return (call: number) => (call % every === 0 ? 3 : Math.floor(call / every) % 10);
}

test("nobody gets more than is fair before the first call, nor by the first few", () => {
  const shares = sharesOf();
  expect(whoExceeds(shares, 0)).toEqual([]);
  expect(exceeding(shares, { count: 2, to: () => 3 })).toEqual([]);
});

test("whoever gets all calls does so soon", () => {
  expect(exceeding(sharesOf(), { count: 10, to: () => 3 })).toEqual([3]);
});

test("half as much again as the fair share is more than is fair, a tenth more is not", () => {
  expect(exceeding(sharesOf(), { to: favouringThree(18) })).toEqual([3]);
  expect(exceeding(sharesOf(), { to: (call) => (call % 100 === 0 ? 3 : call % 10) })).toEqual([]);
});

test("what chance alone makes of even shares is fair, however few or many the calls", () => {
  for (const count of [3, 10, 30, 100, 1_000, 10_000]) {
    const chance = seededRandom(count);
    let exceeded = 0;
    for (let trial = 0; trial < 20; trial += 1) exceeded += exceeding(sharesOf(), { count, to: () => randomIndex(chance, 10) }).length;
    expect(exceeded / 200).toBeLessThan(0.02);
  }
});

test("what is fair goes by weight", () => {
  const members = membersOf(1, 3);
  expect(exceeding(sharesOf(members), { members, to: (call) => (call % 4 === 0 ? 0 : 1) })).toEqual([]);
  expect(exceeding(sharesOf(members), { members, to: (call) => call % 2 })).toEqual([0]);
});

test("calls of long ago count no more once others were made", () => {
  const shares = sharesOf();
  expect(exceeding(shares, { to: favouringThree(4) })).toEqual([3]);
  expect(exceeding(shares, { fromMs: 6 * MINUTE_MS, to: (call) => call % 10 })).toEqual([]);
});

test("without any calls, what was unfair stays so for a while, and is forgotten in the end", () => {
  const shares = sharesOf();
  exceeding(shares, { to: favouringThree(4) });
  expect(whoExceeds(shares, MINUTE_MS)).toEqual([3]);
  expect(whoExceeds(shares, 10 * MINUTE_MS)).toEqual([]);
});

test("it goes on for days, at any reading of the clock, and after hours without a call", () => {
  for (const startMs of [0, 1e12]) {
    const shares = sharesOf();
    for (const fromMs of [0, DAY_MS / 24, DAY_MS, 30 * DAY_MS, 400 * DAY_MS].map((afterMs) => startMs + afterMs)) {
      expect(exceeding(shares, { fromMs, to: favouringThree(4) })).toEqual([3]);
      expect(exceeding(shares, { fromMs: fromMs + 10 * MINUTE_MS, to: (call) => call % 10 })).toEqual([]);
    }
  }
});

test("what is counted in old and in new calls is the same before and after all was scaled back", () => {
  const shares = sharesOf();
  for (let fromMs = 0; fromMs < 60 * MINUTE_MS; fromMs += MINUTE_MS) {
    expect(exceeding(shares, { count: 300, everyMs: 200, fromMs, to: favouringThree(5) })).toEqual([3]);
  }
});

test("who left does not count, and a newcomer in its slot has had no calls", () => {
  const { shares, tellMembership } = fleetOf(ten);
  exceeding(shares, { to: favouringThree(2) });
  const successors = ten.map((member) => (member.slot === 3 ? ({ ...member } as Member) : member));
  tellMembership(successors);
  expect(whoExceeds(shares, 10_000, successors)).toEqual([]);
  const [zero] = successors as [Member];
  tellMembership([zero]);
  expect(whoExceeds(shares, 10_000, [zero])).toEqual([]);
});

test("whoever is not there to be drawn is owed nothing", () => {
  const shares = sharesOf();
  const present = ten.slice(0, 9);
  make(shares, { members: present, to: (call) => call % 9 });
  expect(shareOf(shares, 9)).toBe(1);
});

test("a share is what was had of what was due: 1 for all where calls go in turn or by chance, more for who gets more", () => {
  const inTurn = sharesOf();
  make(inTurn, { count: 10_000, to: (call) => call % 10 });
  for (const { slot } of ten) expect(Math.abs(shareOf(inTurn, slot) - 1)).toBeLessThan(0.1);
  const favouring = sharesOf();
  make(favouring, { count: 10_000, to: favouringThree(4) });
  expect(shareOf(favouring, 3)).toBeGreaterThan(2);
  expect(shareOf(favouring, 2)).toBeLessThan(0.9);
});

test("before there are many calls, one more or less is hardly a difference", () => {
  const shares = sharesOf();
  const [one, other] = ten as [Member, Member];
  shares.count(3, one, other, 0);
  expect(shareOf(shares, 3)).toBeGreaterThan(1);
  expect(shareOf(shares, 3)).toBeLessThan(1.05);
});
