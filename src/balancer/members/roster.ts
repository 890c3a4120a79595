import type { Endpoint } from "../../endpoint.ts";
import type { Member } from "../member.ts";
import { MutableMember } from "./mutable-member.ts";

export interface RosterChange {
  readonly added: readonly MutableMember[];
  readonly removed: readonly MutableMember[];
  /** Members that stayed, with another weight, address or label. */
  readonly altered: readonly MutableMember[];
  /** Those that were added, and those that stayed and of whom anything was told anew. */
  readonly touched: ReadonlySet<MutableMember>;
}

/** Who is a member: by id for discovery and sessions, by slot for policies. */
export class Roster {
  readonly #byId = new Map<string, MutableMember>();
  readonly #bySlot: (MutableMember | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  /** Counts the sets that came, and the members that the last one lists. */
  #listing = 0;
  #listed = 0;

  get size(): number {
    return this.#byId.size;
  }

  members(): Iterable<MutableMember> {
    return this.#byId.values();
  }

  find(id: string): MutableMember | undefined {
    return this.#byId.get(id);
  }

  /** The member as its balancer writes it; undefined once it left. */
  current(member: Member): MutableMember | undefined {
    const inSlot = this.#bySlot[member.slot];
    return inSlot === member ? inSlot : undefined;
  }

  /** Takes the whole set. Of endpoints with the same id, the last one counts. Those that are the same objects as before take next to no time. */
  update(endpoints: readonly Endpoint[], nowMs: number): RosterChange {
    const { told, unknown } = this.#sort(endpoints);
    const removed = this.#listed === this.#byId.size ? [] : [...this.#byId.values()].filter(({ listing }) => listing !== this.#listing);
    for (const member of removed) this.#remove(member);
    const altered: MutableMember[] = [];
    for (const [member, endpoint] of told) {
      if (!isAlike(member.endpoint, endpoint)) altered.push(member);
      member.endpoint = endpoint;
    }
    const added = [...unknown.values()].map((endpoint) => this.#add(endpoint, nowMs));
    return { added, removed, altered, touched: new Set([...told.keys(), ...added]) };
  }

  /** Into those that members are to be told of, and those of nobody. Marks members that are listed. */
  #sort(endpoints: readonly Endpoint[]) {
    const told = new Map<MutableMember, Endpoint>();
    const unknown = new Map<string, Endpoint>();
    this.#listing += 1;
    this.#listed = 0;
    for (const endpoint of endpoints) {
      const member = this.#byId.get(endpoint.id);
      if (member === undefined) unknown.set(endpoint.id, endpoint);
      else {
        if (member.listing !== this.#listing) this.#listed += 1;
        member.listing = this.#listing;
        if (member.endpoint === endpoint) told.delete(member);
        else told.set(member, endpoint);
      }
    }
    return { told, unknown };
  }

  #add(endpoint: Endpoint, nowMs: number): MutableMember {
    const slot = this.#freeSlots.pop() ?? this.#bySlot.length;
    const member = new MutableMember(endpoint, slot, nowMs);
    this.#bySlot[slot] = member;
    this.#byId.set(endpoint.id, member);
    return member;
  }

  #remove(member: MutableMember): void {
    this.#byId.delete(member.endpoint.id);
    this.#bySlot[member.slot] = undefined;
    this.#freeSlots.push(member.slot);
  }
}

function isAlike(one: Endpoint, other: Endpoint): boolean {
  return one.weight === other.weight && one.address === other.address && one.port === other.port && isSameRecord(one.labels, other.labels);
}

function isSameRecord(one: Endpoint["labels"], other: Endpoint["labels"]): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
