import { expect, test } from "vitest";
import { seededRandom } from "../testing/seeded-random.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import { CandidateSets } from "./candidate-sets.ts";
import { MutableMember } from "./mutable-member.ts";

const CALL = { method: "shop.Checkout/Pay" };

function setsOf(count: number): { readonly sets: CandidateSets; readonly members: readonly MutableMember[] } {
  const sets = new CandidateSets(seededRandom(7), 0.5);
  const members = Array.from({ length: count }, (_, slot) => new MutableMember(testEndpoint({ id: `e${slot}` }), slot, 0));
  for (const member of members) sets.place(member, "open", "none");
  return { sets, members };
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

test("a sample is each of 50 members with equal chance: 100,000 samples, to within 10 %", () => {
  const { sets } = setsOf(50);
  const counts = countsOf(100_000, () => sets.sample(CALL)?.endpoint.id);
  expect(counts.size).toBe(50);
  for (const count of counts.values()) expect(Math.abs(count / 2_000 - 1)).toBeLessThan(0.1);
});

test("of two distinct samples, each of the 20 ordered pairs of 5 comes with equal chance: 100,000 draws, to within 10 %", () => {
  const { sets } = setsOf(5);
  const counts = countsOf(100_000, () => {
    const one = sets.sample(CALL) as MutableMember;
    return `${one.endpoint.id} ${sets.sampleOther(CALL, one)?.endpoint.id}`;
  });
  expect(counts.size).toBe(20);
  for (const count of counts.values()) expect(Math.abs(count / 5_000 - 1)).toBeLessThan(0.1);
});

test("with 97 of 100 avoided, each of the three others comes with equal chance: 30,000 samples, to within 5 %", () => {
  const { sets, members } = setsOf(100);
  const left = new Set(["e3", "e4", "e90"]);
  const avoid = new Set(members.map((member) => member.endpoint.id).filter((id) => !left.has(id)));
  const counts = countsOf(30_000, () => sets.sample({ ...CALL, avoid })?.endpoint.id);
  expect(new Set(counts.keys())).toEqual(left);
  for (const count of counts.values()) expect(Math.abs(count / 10_000 - 1)).toBeLessThan(0.05);
});

test("the one member left among 10,000 is always found, and nobody when it is the one to differ from", () => {
  const { sets, members } = setsOf(10_000);
  const avoid = new Set(members.slice(1).map((member) => member.endpoint.id));
  const last = sets.sample({ ...CALL, avoid }) as MutableMember;
  expect(last).toBe(members[0]);
  expect(sets.sampleOther({ ...CALL, avoid }, last)).toBeUndefined();
});

test("an id to avoid that nobody has takes nobody away", () => {
  const { sets } = setsOf(1);
  expect(sets.sample({ ...CALL, avoid: new Set(["gone", "gone too"]) })?.endpoint.id).toBe("e0");
});

test("every place holds another member; an avoided one keeps its place, empty", () => {
  const { sets } = setsOf(4);
  const context = { ...CALL, avoid: new Set(["e2"]) };
  const ids = Array.from({ length: sets.places(context) }, (_, place) => sets.at(context, place)?.endpoint.id);
  expect(ids).toEqual(["e0", "e1", undefined, "e3"]);
  expect(sets.at(context, 4)).toBeUndefined();
});

test("a member that moves to another priority and shard leaves the old ones", () => {
  const { sets, members } = setsOf(2);
  const moved = members[0] as MutableMember;
  moved.endpoint = testEndpoint({ id: "e0", priority: 1, labels: { shard: "a" } });
  sets.place(moved, "open", "none");
  expect([sets.places(CALL), sets.places({ ...CALL, shard: "a" })]).toEqual([1, 1]);
  moved.endpoint = testEndpoint({ id: "e0", labels: { shard: "b" } });
  sets.place(moved, "open", "none");
  expect([sets.places(CALL), sets.places({ ...CALL, shard: "a" }), sets.places({ ...CALL, shard: "b" })]).toEqual([2, 0, 1]);
});
