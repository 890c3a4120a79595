import type { Clock } from "../clock.ts";

/** An answer is made at most so often, in ms. */
const leastIntervalMs = 1_000;
/** And at least so often, lest who looks be taken for gone. */
const longestIntervalMs = 5_000;
/** What answers may take of the time of this process. */
const maxShare = 0.02;
/** So long after its next answer was due, nobody looks at something. */
const lookedMs = 5_000;
/** Of more things nobody's answers are kept. */
const maxKept = 20;

/** An answer, without how soon there is another one. */
interface Made {
  readonly nextAtMs: number;
  readonly text: string;
}

/** Objects as text, at a pace that costs the process no more than 2 %, however many look and however large they are. */
export class PacedAnswers {
  readonly #clock: Clock;
  readonly #spentMs: () => number;
  readonly #made = new Map<string, Made>();

  /** @param spentMs the CPU time of this process */
  constructor(clock: Clock, spentMs: () => number) {
    this.#clock = clock;
    this.#spentMs = spentMs;
  }

  /**
   * The object, which is not empty, with `nextInMs`: when there is a newer one.
   *
   * @param key what is looked at
   * @param make undefined: there is no such thing
   */
  text(key: string, make: () => object | undefined): string | undefined {
    const last = this.#made.get(key);
    const nowMs = this.#clock.now();
    const made = last !== undefined && nowMs < last.nextAtMs ? last : this.#make(key, make, nowMs);
    if (made === undefined) return undefined;
    this.#keep(key, made);
    return `{"nextInMs":${Math.ceil(made.nextAtMs - this.#clock.now())},${made.text.slice(1)}`;
  }

  #make(key: string, make: () => object | undefined, nowMs: number): Made | undefined {
    const spentMs = this.#spentMs();
    const object = make();
    if (object === undefined) return undefined;
    const text = JSON.stringify(object);
    // Of all that somebody looks at, this one included.
    const looked =
      1 + this.#made.entries().reduce((sum, [other, { nextAtMs }]) => sum + Number(other !== key && nextAtMs > nowMs - lookedMs), 0);
    const costMs = (this.#spentMs() - spentMs) * looked;
    const forMs = Math.min(Math.max(leastIntervalMs, costMs / maxShare), longestIntervalMs);
    return { nextAtMs: this.#clock.now() + forMs, text };
  }

  /** The latest last. */
  #keep(key: string, made: Made): void {
    this.#made.delete(key);
    this.#made.set(key, made);
    const oldest = this.#made.size > maxKept ? this.#made.keys().next().value : undefined;
    if (oldest !== undefined) this.#made.delete(oldest);
  }
}
