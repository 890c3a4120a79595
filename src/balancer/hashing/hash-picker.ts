import { randomIndex } from "../../random-source.ts";
import { SlotTables } from "../estimates/slot-table.ts";
import { callCost, loadWith } from "../load.ts";
import type { Member } from "../member.ts";
import type { PickContext } from "../pick-context.ts";
import type { Picker, Policy, PolicyEnv } from "../policy.ts";
import { BoundedLoad } from "./bounded-load.ts";
import type { HashTable } from "./hash-table.ts";
import { Word64 } from "./word64.ts";
import { xxh64 } from "./xxh64.ts";

/** With half of the members out, a walk is longer once in 2^64 calls; with nine in ten out, once in 850. */
const MAX_STEPS = 64;

/** @param loadFactor see {@link BoundedLoad} */
export function hashPolicy(makeTable: (members: readonly Member[]) => HashTable, loadFactor: number): Policy {
  return Object.assign((env: PolicyEnv) => new HashPicker(env, makeTable, loadFactor), { needsAllEndpoints: true });
}

/** The members of one shard, or all of them, and what they have in flight. */
interface Shard {
  readonly table: HashTable;
  readonly load: BoundedLoad;
}

/** Sends calls with equal keys to the owner of the key, and on along the table when the owner may not take the call or is full. */
export class HashPicker implements Picker {
  readonly #env: PolicyEnv;
  readonly #makeTable: (members: readonly Member[]) => HashTable;
  readonly #loadFactor: number;
  readonly #hash = new Word64();
  #members: readonly Member[] = [];
  /** Made by the first call of each shard: a set that changes often, or has shards that this client never calls, costs nothing. */
  readonly #shards = new Map<string | undefined, Shard>();
  readonly #tables = new SlotTables();
  /** What each member had in flight, as the shards know it. */
  readonly #inFlight = this.#tables.add();

  /** @param loadFactor see {@link BoundedLoad} */
  constructor(env: PolicyEnv, makeTable: (members: readonly Member[]) => HashTable, loadFactor: number) {
    this.#env = env;
    this.#makeTable = makeTable;
    this.#loadFactor = loadFactor;
  }

  membership(members: readonly Member[]): void {
    this.#members = members;
    this.#shards.clear();
    this.#tables.membership(members);
    for (const { slot, inFlight } of members) this.#inFlight.set(slot, inFlight);
  }

  pick(context: PickContext): Member | undefined {
    const { candidates } = this.#env;
    const eligible = candidates.places(context);
    if (eligible === 0) return undefined;
    const { table, load } = this.#shards.get(context.shard) ?? this.#makeShard(context.shard);
    if (table.size === 0) return candidates.sample(context);
    const cost = callCost(context);
    let place = table.placeOf(this.#hashOf(context));
    let last: Member | undefined;
    let leastBusy: Member | undefined;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const owner = table.ownerAt(place);
      place = place + 1 < table.size ? place + 1 : 0;
      if (owner === last) continue;
      last = owner;
      if (!candidates.admits(context, owner)) continue;
      if (!load.isFull(owner, cost, eligible)) return owner;
      if (leastBusy === undefined || loadWith(context, owner) < loadWith(context, leastBusy)) leastBusy = owner;
    }
    return leastBusy ?? candidates.sample(context);
  }

  onStart(member: Member): void {
    this.onSettle(member);
  }

  /** The change is what differs from before: calls count by their cost, which these events do not tell. */
  onSettle({ slot, inFlight, endpoint }: Member): void {
    const change = inFlight - this.#inFlight.get(slot);
    this.#inFlight.set(slot, inFlight);
    this.#shards.get(undefined)?.load.add(change);
    const { shard } = endpoint.labels;
    if (shard !== undefined) this.#shards.get(shard)?.load.add(change);
  }

  #makeShard(name: string | undefined): Shard {
    const members = name === undefined ? this.#members : this.#members.filter(({ endpoint }) => endpoint.labels.shard === name);
    const shard = { table: this.#makeTable(members), load: new BoundedLoad(members, this.#loadFactor) };
    this.#shards.set(name, shard);
    return shard;
  }

  #hashOf({ hashKey }: PickContext): Word64 {
    // An empty key is none, as in gRFC A76: it would send all calls that lack one to the same endpoint.
    if (hashKey !== undefined && hashKey !== "") return xxh64(hashKey, this.#hash);
    const { random } = this.#env;
    return this.#hash.set(randomIndex(random, 2 ** 32), randomIndex(random, 2 ** 32));
  }
}
