import type { Endpoint } from "../../endpoint.ts";
import { type ListChange, listChange } from "../../list-change.ts";
import type { Member } from "../member.ts";
import { MutableMember } from "./mutable-member.ts";

export interface RosterChange {
  readonly added: readonly MutableMember[];
  readonly removed: readonly MutableMember[];
  /** Members that stayed, with another weight, address or label. */
  readonly altered: readonly MutableMember[];
  /** Those that were added, and those that stayed and of whom anything was told anew. In the order in which they came. */
  readonly touched: readonly MutableMember[];
}

/** Who is a member: by id for discovery and sessions, by slot for policies. */
export class Roster {
  readonly #byId = new Map<string, MutableMember>();
  readonly #bySlot: (MutableMember | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  /** The last set, as it was listed. Whoever listed it does not change it. */
  #endpoints: readonly Endpoint[] = [];
  /** How many members there ever were. */
  #count = 0;

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

  /**
   * Takes the whole set. Of endpoints with the same id, the last one counts. It takes the time of what has changed, as far as endpoints are the same objects
   * as before, in the same order.
   */
  update(endpoints: readonly Endpoint[], nowMs: number): RosterChange {
    const { came, gone } = this.#changeTo(endpoints);
    this.#endpoints = endpoints;
    const listed = new Map(came.map((endpoint) => [endpoint.id, endpoint]));
    const leaving = new Set(gone.flatMap(({ id }) => (listed.has(id) ? [] : (this.#byId.get(id) ?? []))));
    const told = [...listed.values()].flatMap((endpoint) => {
      const member = this.#byId.get(endpoint.id);
      return member === undefined || member.endpoint === endpoint ? [] : { member, endpoint };
    });
    const unknown = [...listed.values()].filter(({ id }) => !this.#byId.has(id));
    const removed = [...leaving].sort(inOrder);
    for (const member of removed) this.#remove(member);
    const altered = told.flatMap(({ member, endpoint }) => (isAlike(member.endpoint, endpoint) ? [] : member));
    for (const { member, endpoint } of told) member.endpoint = endpoint;
    const added = unknown.map((endpoint) => this.#add(endpoint, nowMs));
    const touched = [...told.map(({ member }) => member).sort(inOrder), ...added];
    return { added, removed, altered, touched };
  }

  /** All of them, where an id comes twice now or did before, or the list is the same one, which may have been changed. */
  #changeTo(endpoints: readonly Endpoint[]): ListChange<Endpoint> {
    if (this.#byId.size !== this.#endpoints.length || endpoints === this.#endpoints) return this.#all(endpoints);
    const change = listChange(this.#endpoints, endpoints);
    const ids = new Set(change.came.map(({ id }) => id));
    const gone = new Set(change.gone);
    const isTaken = (id: string) => {
      const holder = this.#byId.get(id);
      return holder !== undefined && !gone.has(holder.endpoint);
    };
    return ids.size < change.came.length || change.came.some(({ id }) => isTaken(id)) ? this.#all(endpoints) : change;
  }

  #all(came: readonly Endpoint[]): ListChange<Endpoint> {
    return { came, gone: [...this.#byId.values()].map(({ endpoint }) => endpoint) };
  }

  #add(endpoint: Endpoint, nowMs: number): MutableMember {
    const slot = this.#freeSlots.pop() ?? this.#bySlot.length;
    const member = new MutableMember(endpoint, slot, nowMs);
    member.order = this.#count++;
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

function inOrder(one: MutableMember, other: MutableMember): number {
  return one.order - other.order;
}

function isAlike(one: Endpoint, other: Endpoint): boolean {
  return one.weight === other.weight && one.address === other.address && one.port === other.port && isSameRecord(one.labels, other.labels);
}

function isSameRecord(one: Endpoint["labels"], other: Endpoint["labels"]): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
