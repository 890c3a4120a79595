const BUCKETS = 10;
/** Steps of the median between 0 and 1. */
const LEVELS = 256;
const NOT_JUDGED = -1;

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
  /** At `slot * BUCKETS + #place`: what came within the current bucket of time. */
  #okInBucket = new Int32Array(0);
  #badInBucket = new Int32Array(0);
  /** By slot: the sums of its buckets. */
  #ok = new Int32Array(0);
  #bad = new Int32Array(0);
  #okInAll = 0;
  #badInAll = 0;
  /** By slot: its rate in levels, rounded down. */
  #levels = new Int16Array(0);
  /** By level: how many members have it. Keeps the median without sorting. */
  readonly #membersAt = new Int32Array(LEVELS + 1);
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

  #grow(slots: number): void {
    this.#okInBucket = enlarged(this.#okInBucket, slots * BUCKETS);
    this.#badInBucket = enlarged(this.#badInBucket, slots * BUCKETS);
    this.#ok = enlarged(this.#ok, slots);
    this.#bad = enlarged(this.#bad, slots);
    const levels = new Int16Array(slots).fill(NOT_JUDGED);
    levels.set(this.#levels);
    this.#levels = levels;
  }

  /** Forgets a slot's calls: another member has it, or the same one starts anew. */
  reset(slot: number): void {
    if (slot >= this.#ok.length) return;
    for (let place = 0; place < BUCKETS; place += 1) this.#empty(slot, place);
  }

  /** False when all of the latest calls succeeded, so that every member is as usual. */
  get haveFailures(): boolean {
    return this.#badInAll > 0;
  }

  add(slot: number, failed: boolean, nowMs: number): void {
    if (slot >= this.#ok.length) this.#grow(2 * slot + 1);
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
    return requests === 0 ? 1 : (this.#ok[slot] as number) / requests;
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
    return (this.#okInAll - (this.#ok[slot] ?? 0) + oneMore) / (this.#okInAll + this.#badInAll - own + 1);
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

  #requests(slot: number): number {
    return (this.#ok[slot] ?? 0) + (this.#bad[slot] ?? 0);
  }

  #rate(slot: number): number {
    return ((this.#ok[slot] ?? 0) + 1) / (this.#requests(slot) + 1);
  }

  #findMedian(): number {
    let level = LEVELS;
    let above = this.#membersAt[level] as number;
    while (2 * above < this.#judged) {
      level -= 1;
      above += this.#membersAt[level] as number;
    }
    return level / LEVELS;
  }

  /** Moves on to the bucket of `nowMs`, and empties those that were used a window ago. */
  #turn(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    if (bucket <= this.#bucket) return;
    const steps = Math.min(bucket - this.#bucket, BUCKETS);
    this.#bucket = bucket;
    for (let step = 0; step < steps; step += 1) {
      this.#place = (this.#place + 1) % BUCKETS;
      for (let slot = 0; slot < this.#ok.length; slot += 1) this.#empty(slot, this.#place);
    }
  }

  #empty(slot: number, place: number): void {
    const ok = this.#okInBucket[slot * BUCKETS + place] as number;
    const bad = this.#badInBucket[slot * BUCKETS + place] as number;
    if (ok + bad > 0) this.#count(slot, place, 0 - ok, 0 - bad);
  }

  /** Adds to a bucket and to all sums that it is part of. */
  #count(slot: number, place: number, ok: number, bad: number): void {
    const index = slot * BUCKETS + place;
    this.#okInBucket[index] = (this.#okInBucket[index] as number) + ok;
    this.#badInBucket[index] = (this.#badInBucket[index] as number) + bad;
    this.#ok[slot] = (this.#ok[slot] as number) + ok;
    this.#bad[slot] = (this.#bad[slot] as number) + bad;
    this.#okInAll += ok;
    this.#badInAll += bad;
    this.#judge(slot);
  }

  /** Keeps the members' levels in step with their rates. */
  #judge(slot: number): void {
    const before = this.#levels[slot] as number;
    const after = this.#requests(slot) < this.#minRequests ? NOT_JUDGED : Math.floor(this.#rate(slot) * LEVELS);
    if (after === before) return;
    this.#levels[slot] = after;
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

function enlarged(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
