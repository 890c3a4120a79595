import type { Member } from "../member.ts";
import { byName, type HashTable, nameOf } from "./hash-table.ts";
import { Turns } from "./turns.ts";
import { Word64 } from "./word64.ts";
import { xxh64 } from "./xxh64.ts";

const FREE = -1;

/**
 * A table in which each member owns as many entries as any other of its weight, to within one, and keeps most of them when others come and
 * go: each has an order of preference over all entries, derived from its name, and they take turns, each its next best that is free.
 *
 * Preferences and turns are Envoy's, so that both agree on who owns a key. Members beyond `size` get no entry.
 *
 * @param size how many entries, a prime number, so that every order of preference visits all of them
 * @see Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, section 3.4
 */
export function maglevTable(members: readonly Member[], size: number): HashTable {
  const ordered = byName(members);
  const owners = ordered.length === 0 ? new Int32Array(0) : ownersOf(ordered, size);
  return {
    size: owners.length,
    placeOf: (hash) => hash.modulo(owners.length),
    ownerAt: (place) => ordered[owners[place] as number] as Member,
  };
}

/** The owner of each entry, by its index in the members. */
function ownersOf(members: readonly Member[], size: number): Int32Array {
  const owners = new Int32Array(size).fill(FREE);
  const preferences = members.map((member) => preferenceOf(nameOf(member), size));
  const turns = new Turns(members.map(({ endpoint }) => endpoint.weight));
  for (let taken = 0; taken < size; taken += 1) {
    const index = turns.next();
    const preference = preferences[index] as Preference;
    while (owners[preference.entry] !== FREE) advance(preference, size);
    owners[preference.entry] = index;
  }
  return owners;
}

/** Where a member's wish stands now, and how far it moves if that entry is taken. */
interface Preference {
  entry: number;
  readonly step: number;
}

const SECOND_SEED = new Word64(0, 1);

function preferenceOf(name: string, size: number): Preference {
  const hash = new Word64();
  const entry = xxh64(name, hash).modulo(size);
  return { entry, step: xxh64(name, hash, SECOND_SEED).modulo(size - 1) + 1 };
}

function advance(preference: Preference, size: number): void {
  const entry = preference.entry + preference.step;
  preference.entry = entry < size ? entry : entry - size;
}
