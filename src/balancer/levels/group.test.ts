import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { Faults } from "../containment/faults.ts";
import type { Member } from "../member.ts";
import { MutableMember } from "../members/mutable-member.ts";
import { HELD_OPEN, OPEN, WAITING } from "../members/standing.ts";
import type { PickContext } from "../pick-context.ts";
import { random } from "../policies/random.ts";
import type { Policy } from "../policy.ts";
import { SlowStart } from "../slow-start/slow-start.ts";
import { Group } from "./group.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay" };
const WINDOW_MS = 30_000;

class CountingSlowStart extends SlowStart {
  /** Members looked at. */
  looks = 0;

  override shareOf(member: Member, nowMs: number): number {
    this.looks += 1;
    return super.shareOf(member, nowMs);
  }
}

interface World {
  readonly group: Group;
  readonly members: readonly MutableMember[];
  readonly slowStart: CountingSlowStart;
  /** How often chance was asked. */
  drawn: number;
}

function worldOf(count: number, policy: Policy = random()): World {
  const chance = seededRandom(7);
  const slowStart = new CountingSlowStart({ windowMs: WINDOW_MS });
  const drawing = () => {
    world.drawn += 1;
    return chance();
  };
  const group = new Group({ random: drawing, policy, slowStart, faults: new Faults() });
  const members = Array.from({ length: count }, (_, slot) => new MutableMember(testEndpoint({ id: `e${slot}` }), slot, 0));
  const world: World = { group, members, slowStart, drawn: 0 };
  for (const member of members) group.add(member, undefined, OPEN, true);
  group.aim(CALL, OPEN, false);
  return world;
}

/** How often each id came, of so many draws. */
function countsOf(draws: number, draw: () => string | undefined): Map<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (let i = 0; i < draws; i += 1) {
    const id = draw();
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function expectEven(counts: Map<string | undefined, number>, each: number, tolerance: number): void {
  for (const count of counts.values()) expect(Math.abs(count / each - 1)).toBeLessThan(tolerance);
}

test("a sample is each of 50 members with equal chance: 100,000 samples, to within 10 %", () => {
  const { group } = worldOf(50);
  const counts = countsOf(100_000, () => group.sample(CALL)?.endpoint.id);
  expect(counts.size).toBe(50);
  expectEven(counts, 2_000, 0.1);
});

test("of two distinct samples, each of the 20 ordered pairs of 5 comes with equal chance: 100,000 draws, to within 10 %", () => {
  const { group } = worldOf(5);
  const counts = countsOf(100_000, () => {
    const one = group.sample(CALL) as Member;
    return `${one.endpoint.id} ${group.sampleOther(CALL, one)?.endpoint.id}`;
  });
  expect(counts.size).toBe(20);
  expectEven(counts, 5_000, 0.1);
});

test("with 97 of 100 avoided, each of the three others comes with equal chance: 30,000 samples, to within 5 %", () => {
  const { group, members } = worldOf(100);
  const left = new Set(["e3", "e4", "e90"]);
  const avoid = new Set(members.map((member) => member.endpoint.id).filter((id) => !left.has(id)));
  const counts = countsOf(30_000, () => group.sample({ ...CALL, avoid })?.endpoint.id);
  expect(new Set(counts.keys())).toEqual(left);
  expectEven(counts, 10_000, 0.05);
});

test("the one member left among 10,000 is always found, and nobody when it is the one to differ from", () => {
  const { group, members } = worldOf(10_000);
  const avoid = new Set(members.slice(1).map((member) => member.endpoint.id));
  const last = group.sample({ ...CALL, avoid }) as Member;
  expect(last).toBe(members[0]);
  expect(group.sampleOther({ ...CALL, avoid }, last)).toBeUndefined();
});

test("an id to avoid that nobody has takes nobody away", () => {
  const { group } = worldOf(1);
  const context = { ...CALL, avoid: new Set(["gone", "gone too"]) };
  expect(group.aim(context, OPEN, false)).toBe(true);
  expect(group.sample(context)?.endpoint.id).toBe("e0");
});

test("a call can't be aimed where nobody is, or all are avoided", () => {
  const { group } = worldOf(2);
  expect([group.aim(CALL, WAITING, true), group.aim({ ...CALL, shard: "a" }, OPEN, true)]).toEqual([false, false]);
  expect(group.sample(CALL)).toBeUndefined();
  expect(group.aim({ ...CALL, avoid: new Set(["e0", "e1"]) }, OPEN, false)).toBe(false);
  expect(group.aim({ ...CALL, avoid: new Set(["e0", "gone"]) }, OPEN, false)).toBe(true);
});

test("every place holds another member; an avoided one keeps its place, empty", () => {
  const { group } = worldOf(4);
  const context = { ...CALL, avoid: new Set(["e2"]) };
  const ids = Array.from({ length: group.places(context) }, (_, place) => group.at(context, place)?.endpoint.id);
  expect(ids).toEqual(["e0", "e1", undefined, "e3"]);
  expect(group.at(context, 4)).toBeUndefined();
});

test("those that are held are drawn in panic only", () => {
  const { group, members } = worldOf(3);
  group.delete(members[1] as Member, undefined, OPEN, true);
  group.add(members[1] as Member, undefined, HELD_OPEN, false);
  group.aim(CALL, OPEN, false);
  expect([group.places(CALL), group.admits(CALL, members[1] as Member)]).toEqual([2, false]);
  group.aim(CALL, OPEN, true);
  expect([group.places(CALL), group.admits(CALL, members[1] as Member)]).toEqual([3, true]);
  expect(countsOf(300, () => group.sample(CALL)?.endpoint.id).size).toBe(3);
});

test("a call of a shard draws from its members alone, who are everybody's as well", () => {
  const { group } = worldOf(2);
  const a = new MutableMember(testEndpoint({ id: "e10" }), 10, 0);
  const b = new MutableMember(testEndpoint({ id: "e11" }), 11, 0);
  group.add(a, "a", OPEN, true);
  group.add(b, "b", OPEN, true);
  const shard = { ...CALL, shard: "a" };
  group.aim(shard, OPEN, false);
  expect(countsOf(50, () => group.sample(shard)?.endpoint.id)).toEqual(new Map([["e10", 50]]));
  expect([group.of(undefined).known, group.of("a").known, group.of("none").known]).toEqual([4, 1, 0]);
  group.delete(a, "a", OPEN, true);
  expect(group.aim(shard, OPEN, true)).toBe(false);
  expect([group.size, group.of("a").known]).toEqual([3, 0]);
});

test.each([0.1, 0.5, 0.9])("one that is due a share of %f is there in as many of the picks, however often the policy asks", (share) => {
  let [picks, there] = [0, 0];
  const policy: Policy = ({ candidates }) => ({
    pick(context) {
      const answers = [0, 1, 2].map(() => candidates.at(context, 3)?.slot);
      answers.push(...[0, 1, 2].map(() => (candidates.admits(context, members[3] as Member) ? 3 : undefined)));
      expect(new Set(answers).size).toBe(1);
      picks += 1;
      if (answers[0] === 3) there += 1;
      return candidates.sample(context);
    },
  });
  const { group, members, slowStart } = worldOf(10, policy);
  slowStart.begin(members[3] as MutableMember, 0);
  for (let pick = 0; pick < 20_000; pick += 1) group.pick(CALL, share * WINDOW_MS);
  expect(there / picks).toBeCloseTo(share, 1);
  expect(Math.abs(there / picks / share - 1)).toBeLessThan(0.05);
});

test("newcomers sit out independently of their number and slots: each of 10 is there in its share of the picks", () => {
  const { group, members, slowStart } = worldOf(40);
  for (const member of members.slice(0, 10)) slowStart.begin(member, 0);
  const counts = countsOf(140_000, () => group.pick(CALL, 0.2 * WINDOW_MS)?.endpoint.id);
  // 30 warm ones at 1 and 10 at 0.2 make 32 shares.
  for (const member of members) {
    const share = member.slot < 10 ? 0.2 : 1;
    expect(Math.abs((counts.get(member.endpoint.id) ?? 0) / ((share * 140_000) / 32) - 1)).toBeLessThan(0.1);
  }
});

test.each([
  [2, 1],
  [4, 3],
  [16, 12],
  [1_000, 900],
])(
  "two thirds of all shares are there: of %i with %i of them new, no warm one has more than 1.7 times its even share",
  (count, newcomers) => {
    const { group, members, slowStart } = worldOf(count);
    for (const member of members.slice(count - newcomers)) slowStart.begin(member, 0);
    for (const atMs of [0, 0.2 * WINDOW_MS, 0.5 * WINDOW_MS, 0.9 * WINDOW_MS]) {
      const counts = countsOf(30_000, () => ((group.pick(CALL, atMs)?.slot as number) < count - newcomers ? "warm" : "new"));
      const share = ((counts.get("warm") as number) / 30_000) * (count / (count - newcomers));
      expect(share).toBeLessThan(1.7);
      expect(share).toBeGreaterThan(1);
    }
  },
);

test("the ramp runs faster for all of them alike: who is due twice as much is there twice as often", () => {
  const { group, members, slowStart } = worldOf(10);
  for (const member of members.slice(2)) slowStart.begin(member, member.slot < 6 ? 0 : 0.1 * WINDOW_MS);
  const counts = countsOf(60_000, () => ((group.pick(CALL, 0.2 * WINDOW_MS)?.slot as number) < 6 ? "older" : "newer"));
  const warm = countsOf(60_000, () => ((group.pick(CALL, 0.2 * WINDOW_MS)?.slot as number) < 2 ? "warm" : "new"));
  const older = (counts.get("older") as number) - (warm.get("warm") as number);
  expect(older / (counts.get("newer") as number)).toBeCloseTo(2, 0);
});

test("of two, one of them new, the other sample is nobody while the newcomer sits out", () => {
  const pairs: (number | undefined)[] = [];
  const policy: Policy = ({ candidates }) => ({
    pick(context) {
      const one = candidates.sample(context);
      if (one !== undefined) pairs.push(candidates.sampleOther(context, one)?.slot);
      return one;
    },
  });
  const { group, members, slowStart } = worldOf(2, policy);
  slowStart.begin(members[1] as MutableMember, 0);
  for (let pick = 0; pick < 20_000; pick += 1) group.pick(CALL, 0);
  expect(pairs.filter((slot) => slot === undefined).length / pairs.length).toBeCloseTo(2 / 3, 1);
});

test("a newcomer that is the only one is always taken", () => {
  const { group, members, slowStart } = worldOf(3);
  slowStart.begin(members[2] as MutableMember, 0);
  const context = { ...CALL, avoid: new Set(["e0", "e1"]) };
  group.aim(context, OPEN, false);
  for (let pick = 0; pick < 200; pick += 1) expect(group.pick(context, 0)).toBe(members[2]);
});

test.each([1, 5, 16, 1_000])("where all %i are new at once, nobody sits out", (count) => {
  let places = 0;
  const policy: Policy = ({ candidates }) => ({
    pick(context) {
      places = Array.from({ length: count }, (_, place) => candidates.at(context, place)).filter((member) => member !== undefined).length;
      return candidates.at(context, 0);
    },
  });
  const { group, members, slowStart } = worldOf(count, policy);
  for (const member of members) slowStart.begin(member, 0);
  for (let pick = 0; pick < 20; pick += 1) {
    group.pick(CALL, 100 * pick);
    expect(places).toBe(count);
  }
});

test("newcomers are measured by the warmest: at 20 % beside one of 40 %, a newcomer is there in half of the picks", () => {
  const { group, members, slowStart } = worldOf(2);
  slowStart.begin(members[0] as MutableMember, 0);
  slowStart.begin(members[1] as MutableMember, 0.2 * WINDOW_MS);
  const counts = countsOf(30_000, () => group.pick(CALL, 0.4 * WINDOW_MS)?.endpoint.id);
  // It is drawn in every second pick that it is there for.
  expect((counts.get("e1") as number) / 30_000).toBeCloseTo(0.25, 2);
});

test.each([1, 10, 100, 10_000])("a pick among %i takes a few steps, whether none, one, most or all are new", (count) => {
  const world = worldOf(count);
  const { group, members, slowStart } = world;
  const stepsOf = (picks: number): number => {
    world.drawn = 0;
    slowStart.looks = 0;
    for (let pick = 0; pick < picks; pick += 1) group.pick(CALL, 0);
    return (world.drawn + slowStart.looks) / picks;
  };
  expect(stepsOf(1_000)).toBe(1);
  for (const newcomers of [members.slice(-1), members.slice(1), members]) {
    for (const member of newcomers) slowStart.begin(member, 0);
    expect(stepsOf(1_000)).toBeLessThan(40);
  }
});
