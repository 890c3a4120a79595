import type { Endpoint } from "../../endpoint.ts";
import type { Member } from "../member.ts";
import { MutableMember } from "./mutable-member.ts";

export interface RosterChange {
  readonly added: readonly MutableMember[];
  readonly removed: readonly MutableMember[];
  /** Members that stayed, with another weight, address or label. */
  readonly altered: readonly MutableMember[];
}

/** Who is a member: by id for discovery and sessions, by slot for policies. */
export class Roster {
  readonly #byId = new Map<string, MutableMember>();
  readonly #bySlot: (MutableMember | undefined)[] = [];
  readonly #freeSlots: number[] = [];

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

  /** Takes the whole set. Of endpoints with the same id, the last one counts. */
  update(endpoints: readonly Endpoint[], nowMs: number): RosterChange {
    const listed = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
    const removed = [...this.#byId.values()].filter((member) => !listed.has(member.endpoint.id));
    for (const member of removed) this.#remove(member);
    const added: MutableMember[] = [];
    const altered: MutableMember[] = [];
    for (const endpoint of listed.values()) {
      const member = this.#byId.get(endpoint.id);
      if (member === undefined) {
        added.push(this.#add(endpoint, nowMs));
      } else {
        if (!isAlike(member.endpoint, endpoint)) altered.push(member);
        member.endpoint = endpoint;
      }
    }
    return { added, removed, altered };
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
  if (one === other) return true;
  return one.weight === other.weight && one.address === other.address && one.port === other.port && isSameRecord(one.labels, other.labels);
}

function isSameRecord(one: Endpoint["labels"], other: Endpoint["labels"]): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
