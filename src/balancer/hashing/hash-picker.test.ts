import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Candidates } from "../candidates.ts";
import type { Member } from "../member.ts";
import type { PickContext } from "../pick-context.ts";
import { HashPicker } from "./hash-picker.ts";
import type { HashTable } from "./hash-table.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay", hashKey: "k" };

type Writable = { -readonly [K in keyof Member]: Member[K] };

function members(count: number, shard?: string): Writable[] {
  return Array.from({ length: count }, (_, slot) => {
    return { endpoint: testEndpoint({ id: `e${slot}`, labels: shard === undefined ? {} : { shard } }), slot, inFlight: 0 } as Writable;
  });
}

/** One place for each member, in order; every key falls on the first place. */
class StraightTable implements HashTable {
  readonly size: number;
  readonly #members: readonly Member[];
  constructor(given: readonly Member[]) {
    this.size = given.length;
    this.#members = given;
  }
  placeOf(): number {
    return 0;
  }
  ownerAt(place: number): Member {
    return this.#members[place] as Member;
  }
}

function pickerOf(given: readonly Member[], { out = new Set<Member>(), loadFactor = Infinity } = {}) {
  const admitted = () => given.filter((member) => !out.has(member));
  const asked: Member[] = [];
  const tables: (readonly Member[])[] = [];
  const candidates = {
    places: ({ shard }) => admitted().filter(({ endpoint }) => shard === undefined || endpoint.labels.shard === shard).length,
    sample: () => admitted().at(-1),
    admits: (_, member) => {
      asked.push(member);
      return !out.has(member);
    },
  } as Partial<Candidates> as Candidates;
  const makeTable = (of: readonly Member[]) => {
    tables.push(of);
    return new StraightTable(of);
  };
  const picker = new HashPicker({ random: seededRandom(7), candidates }, makeTable, loadFactor);
  picker.membership(given);
  return { picker, asked, tables };
}

function begin(picker: HashPicker, member: Writable, calls: number): void {
  for (let call = 0; call < calls; call += 1) {
    member.inFlight += 1;
    picker.onStart(member);
  }
}

/** All calls of the member are over. */
function end(picker: HashPicker, member: Writable): void {
  member.inFlight = 0;
  picker.onSettle(member);
}

test("the owner of the key takes the call; if it may not, the next on the table", () => {
  const given = members(5);
  expect(pickerOf(given).picker.pick(CALL)).toBe(given[0]);
  expect(pickerOf(given, { out: new Set(given.slice(0, 3)) }).picker.pick(CALL)).toBe(given[3]);
});

test("asks an owner of several places in a row once", () => {
  const given = members(2);
  const [first, second] = given as [Writable, Writable];
  const { picker, asked } = pickerOf([first, first, first, second], { out: new Set([first]) });
  expect(picker.pick(CALL)).toBe(second);
  expect(asked).toEqual([first, second]);
});

test("walks on to 64 places and no farther, then takes anybody", () => {
  const given = members(200);
  const near = pickerOf(given, { out: new Set(given.slice(0, 63)) });
  expect(near.picker.pick(CALL)).toBe(given[63]);
  const far = pickerOf(given, { out: new Set(given.slice(0, 64)) });
  expect(far.picker.pick(CALL)).toBe(given[199]);
  expect(far.asked.length).toBe(64);
});

test("full members are passed by, and fill up no farther", () => {
  const given = members(4);
  const { picker } = pickerOf(given, { loadFactor: 1.25 });
  for (let call = 0; call < 40; call += 1) {
    begin(picker, picker.pick(CALL) as Writable, 1);
  }
  expect(given.map(({ inFlight }) => inFlight)).toEqual([13, 13, 12, 2]);
});

test("calls that ended no longer count, neither for their endpoint nor for all", () => {
  const given = members(2);
  const { picker } = pickerOf(given, { loadFactor: 1.25 });
  const [owner, other] = given as [Writable, Writable];
  picker.pick(CALL);
  begin(picker, owner, 2);
  expect(picker.pick(CALL)).toBe(other);
  begin(picker, other, 9);
  expect(picker.pick(CALL)).toBe(owner);
  end(picker, other);
  expect(picker.pick(CALL)).toBe(other);
  end(picker, owner);
  expect(picker.pick(CALL)).toBe(owner);
});

test("when all that the walk meets are full, the least busy one takes it", () => {
  const given = members(200);
  for (const [index, member] of given.entries()) member.inFlight = index < 64 ? 100 - (index === 40 ? 1 : 0) : 0;
  expect(pickerOf(given, { loadFactor: 1.25 }).picker.pick(CALL)).toBe(given[40]);
});

test("makes a table by the first call of a shard, and anew when members change", () => {
  const given = [...members(2, "a"), ...members(2, "b")].map((member, slot) => ({ ...member, slot }));
  const { picker, tables } = pickerOf(given);
  expect(tables.length).toBe(0);
  expect(picker.pick({ ...CALL, shard: "b" })).toBe(given[2]);
  expect(picker.pick({ ...CALL, shard: "b" })).toBe(given[2]);
  expect(picker.pick(CALL)).toBe(given[0]);
  expect(tables).toEqual([given.slice(2), given]);
  picker.membership(given.slice(1));
  expect(picker.pick(CALL)).toBe(given[1]);
  expect(picker.pick({ ...CALL, shard: "a" })).toBe(given[1]);
  expect(tables.length).toBe(4);
});

test("each shard's bound counts its own calls, and no others", () => {
  const given = [...members(2, "a"), ...members(2, "b")].map((member, slot) => ({ ...member, slot }));
  const { picker } = pickerOf(given, { loadFactor: 1.25 });
  const [owner, other, elsewhere] = given as [Writable, Writable, Writable];
  const inShard = { ...CALL, shard: "a" };
  picker.pick(inShard);
  picker.pick(CALL);
  begin(picker, elsewhere, 50);
  begin(picker, owner, 2);
  expect(picker.pick(CALL)).toBe(owner);
  expect(picker.pick(inShard)).toBe(other);
  begin(picker, other, 1);
  expect(picker.pick(inShard)).toBe(owner);
});

test("has nobody where nobody is eligible, and makes no table for it", () => {
  const given = members(2);
  const { picker, tables } = pickerOf(given, { out: new Set(given) });
  expect(picker.pick({ ...CALL, shard: "nowhere" })).toBeUndefined();
  expect(tables.length).toBe(0);
});

test("calls in flight when the membership changes still count, and so does their end", () => {
  const given = members(2);
  const { picker } = pickerOf(given, { loadFactor: 1.5 });
  const [owner, other] = given as [Writable, Writable];
  owner.inFlight = 5;
  picker.membership(given);
  expect(picker.pick(CALL)).toBe(other);
  owner.inFlight = 0;
  picker.onSettle(owner);
  expect(picker.pick(CALL)).toBe(owner);
});
