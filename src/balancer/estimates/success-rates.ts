const BUCKETS = 10;
/** Steps of the median between 0 and 1. */
const STEPS = 256;
/** A row for each slot: its successes and failures within the window, its level, and those within each bucket of time. */
const OK = 0;
const BAD = 1;
const LEVEL = 2;
const FIRST_BUCKET = 3;
const ROW = FIRST_BUCKET + 2 * BUCKETS;
/** The levels of those with too few calls, and of those that never failed. */
const NOT_JUDGED = 0;
const PERFECT = 1 + STEPS;

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
  readonly #membersAt = new Int32Array(PERFECT + 1);
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
    this.#count(slot, this.#place, failed ? BAD : OK, 1);
    // One success more makes nobody more than perfect.
    if (failed || this.#at(slot, LEVEL) !== PERFECT) this.#judge(slot);
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
    let level = PERFECT;
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
    const ok = this.#at(slot, bucket + OK);
    const bad = this.#at(slot, bucket + BAD);
    if (ok + bad === 0) return;
    this.#count(slot, place, OK, 0 - ok);
    this.#count(slot, place, BAD, 0 - bad);
    this.#judge(slot);
  }

  /** Adds to a bucket and to all sums that it is part of. */
  #count(slot: number, place: number, column: typeof OK | typeof BAD, calls: number): void {
    this.#add(slot, FIRST_BUCKET + 2 * place + column, calls);
    this.#add(slot, column, calls);
    if (column === OK) this.#okInAll += calls;
    else this.#badInAll += calls;
  }

  #add(slot: number, column: number, calls: number): void {
    const index = slot * ROW + column;
    this.#rows[index] = (this.#rows[index] as number) + calls;
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
