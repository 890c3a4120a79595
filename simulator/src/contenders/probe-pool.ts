import type { Host } from "./baseline.ts";

/** What a probe brought. */
export interface PoolEntry {
  readonly host: Host;
  readonly receivedAtMs: number;
  /** As the server said, and one more for each call that this client sent there on the strength of it. */
  inFlight: number;
  /** 0 if the server knew none: who has never answered is worth a try. */
  readonly latencyMs: number;
  /** How many more calls it may decide. */
  usesLeft: number;
}

/** Whether `one` is to be preferred to `other`. A strict order. */
export type IsBetter = (one: PoolEntry, other: PoolEntry) => boolean;

/** The last answers to probes, at most one of each host, oldest first. */
export class ProbePool {
  readonly #capacity: number;
  readonly #ttlMs: number;
  readonly #entries: PoolEntry[] = [];
  #removesWorst = false;

  constructor(capacity: number, ttlMs: number) {
    this.#capacity = capacity;
    this.#ttlMs = ttlMs;
  }

  get entries(): readonly PoolEntry[] {
    return this.#entries;
  }

  /** Takes the place of the host's former entry or, in a full pool, of the oldest. */
  add(entry: PoolEntry): void {
    this.#removeAt(this.#entries.findIndex(({ host }) => host === entry.host));
    if (this.#entries.length === this.#capacity) this.#entries.shift();
    this.#entries.push(entry);
  }

  /** Lets go of what is too old. */
  expire(nowMs: number): void {
    while (nowMs - (this.#entries[0]?.receivedAtMs ?? nowMs) > this.#ttlMs) this.#entries.shift();
  }

  /** Keeps the entries of these hosts only. */
  retain(hosts: ReadonlySet<Host>): void {
    for (let place = this.#entries.length - 1; place >= 0; place -= 1) {
      if (!hosts.has((this.#entries[place] as PoolEntry).host)) this.#removeAt(place);
    }
  }

  /** A call goes to the entry's host. */
  use(entry: PoolEntry): void {
    entry.inFlight += 1;
    entry.usesLeft -= 1;
    if (entry.usesLeft <= 0) this.#removeAt(this.#entries.indexOf(entry));
  }

  /** Removes the oldest and the worst, by turns: a pool in which only the good ones are used would fill with bad ones. */
  removeOne(isBetter: IsBetter): void {
    if (this.#removesWorst) this.#removeAt(this.#worst(isBetter));
    else this.#entries.shift();
    this.#removesWorst = !this.#removesWorst;
  }

  #worst(isBetter: IsBetter): number {
    return this.#entries.reduce((worst, entry, place) => (isBetter(this.#entries[worst] as PoolEntry, entry) ? place : worst), 0);
  }

  #removeAt(place: number): void {
    if (place >= 0) this.#entries.splice(place, 1);
  }
}
