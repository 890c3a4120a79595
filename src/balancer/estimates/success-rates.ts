const BUCKETS = 10;
/** Steps of the median between 0 and 1. */
const STEPS = 256;
/** A row for each slot: its level, its successes and failures within the window, and those within each bucket of time. */
const LEVEL = 0;
const OK = 1;
const BAD = 2;
const FIRST_BUCKET = 3;
const ROW = FIRST_BUCKET + 2 * BUCKETS;
/** The level of those with too few calls. */
const NOT_JUDGED = 0;

/**
 * Which share of each member's recent calls succeeded, and what is usual among them. Counts in ten buckets of time, because an average
 * that is weighted by time hides a tight burst of failures: each weighs next to nothing.
 *
 * By {@link Member.slot}. Each method is O(1), besides one pass over all slots when a bucket of time is over; nothing allocates, besides
 * growth. Times must not go back.
 */
export class SuccessRates {
  readonly #bucketMs: number;
  readonly #minRequests: number;
  /** What is counted together lies together, as it has to be fetched from far where members are many. */
  #rows = new Int32Array(0);
  #slots = 0;
  #okInAll = 0;
  #badInAll = 0;
  /** By level, which is one more than the rate in steps, rounded down: how many members have it. Keeps the median without sorting. */
  readonly #membersAt = new Int32Array(STEPS + 2);
  #judged = 0;
  #median = 1;
  #medianIsKnown = true;
  /** The current bucket, counted from time 0. */
  #bucket = -Infinity;
  #place = 0;

  /**
   * @param windowMs how far back calls count, > 0: nine tenths of it, and as much of the last tenth as has passed
   * @param minRequests calls within the window from which on a member counts in the median, >= 1
   */
  constructor(windowMs = 10_000, minRequests = 1) {
    this.#bucketMs = windowMs / BUCKETS;
    this.#minRequests = minRequests;
  }

  /** Forgets a slot's calls: another member has it, or the same one starts anew. */
  reset(slot: number): void {
    if (slot >= this.#slots) return;
    for (let place = 0; place < BUCKETS; place += 1) this.#empty(slot, place);
  }

  /** False when all of the latest calls succeeded, so that every member is as usual. */
  get haveFailures(): boolean {
    return this.#badInAll > 0;
  }

  add(slot: number, failed: boolean, nowMs: number): void {
    if (slot >= this.#slots) this.#grow(2 * slot + 1);
    this.#turn(nowMs);
    this.#count(slot, this.#place, failed ? 0 : 1, failed ? 1 : 0);
  }

  /** Calls within the window. */
  requests(slot: number, nowMs: number): number {
    this.#turn(nowMs);
    return this.#requests(slot);
  }

  /** Successes per call within the window, 0 to 1; 1 without calls. */
  raw(slot: number, nowMs: number): number {
    const requests = this.requests(slot, nowMs);
    return requests === 0 ? 1 : this.#at(slot, OK) / requests;
  }

  /** The same as if one more call had succeeded, so that a member is not condemned for a single failure: above 0, up to 1. */
  rate(slot: number, nowMs: number): number {
    this.#turn(nowMs);
    return this.#rate(slot);
  }

  /**
   * The {@link rate} of all other members' calls together.
   *
   * @param oneMore whether one more of them had succeeded, 1, or failed, 0: the least that is known of them, and 0 without calls
   */
  rateOfOthers(slot: number, oneMore: 0 | 1, nowMs: number): number {
    const own = this.requests(slot, nowMs);
    return (this.#okInAll - this.#at(slot, OK) + oneMore) / (this.#okInAll + this.#badInAll - own + 1);
  }

  /** How many members have `minRequests` within the window. */
  judged(nowMs: number): number {
    this.#turn(nowMs);
    return this.#judged;
  }

  /**
   * The median {@link rate} of those judged, the upper one where two are in the middle, rounded down to 1/256; 1 with fewer than two, as
   * there is nothing to compare with. A scan from the top, where a sound fleet has its median, and only after a rate has changed.
   */
  median(nowMs: number): number {
    this.#turn(nowMs);
    if (this.#medianIsKnown) return this.#median;
    this.#median = this.#judged < 2 ? 1 : this.#findMedian();
    this.#medianIsKnown = true;
    return this.#median;
  }

  #grow(slots: number): void {
    this.#slots = slots;
    const larger = new Int32Array(slots * ROW);
    larger.set(this.#rows);
    this.#rows = larger;
  }

  /** 0 for a slot that had no calls yet. */
  #at(slot: number, column: number): number {
    return this.#rows[slot * ROW + column] ?? 0;
  }

  #requests(slot: number): number {
    return this.#at(slot, OK) + this.#at(slot, BAD);
  }

  #rate(slot: number): number {
    return (this.#at(slot, OK) + 1) / (this.#requests(slot) + 1);
  }

  #findMedian(): number {
    let level = STEPS + 1;
    let above = this.#membersAt[level] as number;
    while (2 * above < this.#judged) {
      level -= 1;
      above += this.#membersAt[level] as number;
    }
    return (level - 1) / STEPS;
  }

  /** Moves on to the bucket of `nowMs`, and empties those that were used a window ago. */
  #turn(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    if (bucket <= this.#bucket) return;
    const steps = Math.min(bucket - this.#bucket, BUCKETS);
    this.#bucket = bucket;
    for (let step = 0; step < steps; step += 1) {
      this.#place = (this.#place + 1) % BUCKETS;
      for (let slot = 0; slot < this.#slots; slot += 1) this.#empty(slot, this.#place);
    }
  }

  #empty(slot: number, place: number): void {
    const bucket = FIRST_BUCKET + 2 * place;
    const ok = this.#at(slot, bucket);
    const bad = this.#at(slot, bucket + 1);
    if (ok + bad > 0) this.#count(slot, place, 0 - ok, 0 - bad);
  }

  /** Adds to a bucket and to all sums that it is part of. */
  #count(slot: number, place: number, ok: number, bad: number): void {
    const bucket = FIRST_BUCKET + 2 * place;
    this.#add(slot, bucket, ok);
    this.#add(slot, bucket + 1, bad);
    this.#add(slot, OK, ok);
    this.#add(slot, BAD, bad);
    this.#okInAll += ok;
    this.#badInAll += bad;
    this.#judge(slot);
  }

  #add(slot: number, column: number, count: number): void {
    const index = slot * ROW + column;
    this.#rows[index] = (this.#rows[index] as number) + count;
  }

  /** Keeps the members' levels in step with their rates. */
  #judge(slot: number): void {
    const before = this.#at(slot, LEVEL);
    const after = this.#requests(slot) < this.#minRequests ? NOT_JUDGED : 1 + Math.floor(this.#rate(slot) * STEPS);
    if (after === before) return;
    this.#rows[slot * ROW + LEVEL] = after;
    this.#move(before, -1);
    this.#move(after, 1);
    this.#medianIsKnown = false;
  }

  #move(level: number, by: number): void {
    if (level === NOT_JUDGED) return;
    this.#membersAt[level] = (this.#membersAt[level] as number) + by;
    this.#judged += by;
  }
}
