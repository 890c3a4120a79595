import { hostAndPort } from "../../host-and-port.ts";
import type { Member } from "../member.ts";
import type { Word64 } from "./word64.ts";

/** A circle of places, each owned by a member. A key falls on one place; whoever owns the places after it are its next choices. */
export interface HashTable {
  /** How many places there are; 0 without members. */
  readonly size: number;
  placeOf(hash: Word64): number;
  /** @param place 0 to `size - 1` */
  ownerAt(place: number): Member;
}

/** What an endpoint's places derive from: its label `hash_key`, as in Envoy and gRFC A76, or its address and port. */
export function nameOf({ endpoint }: Member): string {
  const { address, port, labels } = endpoint;
  return labels.hash_key ?? hostAndPort(address, port);
}

/** In an order of their own, so that all clients get the same table, in whatever order they heard of the endpoints. */
export function byName(members: readonly Member[]): readonly Member[] {
  const named = members.map((member) => ({ name: nameOf(member), member }));
  named.sort((a, b) => compare(a.name, b.name) || compare(a.member.endpoint.id, b.member.endpoint.id));
  return named.map(({ member }) => member);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
