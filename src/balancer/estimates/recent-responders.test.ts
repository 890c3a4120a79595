import { expect, test } from "vitest";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import type { Member } from "../member.ts";
import { RecentResponders } from "./recent-responders.ts";

const [a, b, c, d, e] = Array.from({ length: 5 }, (_, slot) => ({ slot }) as Member) as [Member, Member, Member, Member, Member];

function listed(responders: RecentResponders): [slot: number, atMs: number][] {
  return Array.from({ length: responders.size }, (_, index) => [responders.at(index)?.slot as number, responders.atMs(index)]);
}

function pushed(capacity: number, ...members: readonly Member[]): RecentResponders {
  const responders = new RecentResponders(capacity);
  for (const [index, member] of members.entries()) responders.push(member, index);
  return responders;
}

test("nobody answered yet", () => {
  const responders = new RecentResponders(4);
  expect(responders.size).toBe(0);
  expect(responders.at(0)).toBeUndefined();
});

test("the newest stands first, with its time", () => {
  expect(listed(pushed(4, a, b, c))).toEqual([
    [2, 2],
    [1, 1],
    [0, 0],
  ]);
  expect(pushed(4, a, b, c).at(3)).toBeUndefined();
});

test("whoever answers again moves to the front and stands there once", () => {
  expect(listed(pushed(4, a, b, c, a)).map(([slot]) => slot)).toEqual([0, 2, 1]);
  expect(pushed(4, a, b, c, a).atMs(0)).toBe(3);
});

test("beyond the capacity, whoever answered longest ago is forgotten", () => {
  expect(listed(pushed(3, a, b, c, d, e)).map(([slot]) => slot)).toEqual([4, 3, 2]);
  expect(pushed(1, a, b).at(0)).toBe(b);
});

test("members that left are forgotten, and the others keep their order and times", () => {
  const responders = pushed(4, a, b, c, d);
  responders.membership([a, c, d, e]);
  expect(listed(responders)).toEqual([
    [3, 3],
    [2, 2],
    [0, 0],
  ]);
  expect(responders.at(3)).toBeUndefined();
  responders.membership([a, d, e]);
  expect(listed(responders)).toEqual([
    [3, 3],
    [0, 0],
  ]);
  responders.push(e, 9);
  expect(listed(responders).map(([slot]) => slot)).toEqual([4, 3, 0]);
});

test("equals a plain list, over 10,000 random steps", () => {
  const chance = seededRandom(7);
  const members = Array.from({ length: 12 }, (_, slot) => ({ slot }) as Member);
  const responders = new RecentResponders(5);
  let list: [number, number][] = [];
  for (let nowMs = 0; nowMs < 10_000; nowMs += 1) {
    const slot = randomIndex(chance, members.length);
    list = list.filter(([other]) => other !== slot);
    if (chance() < 0.1) responders.membership(members.filter((member) => member.slot !== slot));
    else {
      responders.push(members[slot] as Member, nowMs);
      list = [[slot, nowMs] as [number, number], ...list].slice(0, 5);
    }
    expect(listed(responders)).toEqual(list);
  }
});
