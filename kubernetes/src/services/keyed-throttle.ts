import type { Clock, Timer } from "meshless/discovery";

/**
 * Runs something for a key soon after it was asked for: at once after a time of quiet, and otherwise when an interval has passed since the last run. What is
 * asked for meanwhile is one run.
 */
export class KeyedThrottle {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #run: (key: string) => void;
  readonly #waiting = new Map<string, { isAsked: boolean; timer: Timer }>();

  constructor(clock: Clock, intervalMs: number, run: (key: string) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#run = run;
  }

  ask(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#wait(key, 0, true);
    else waiting.isAsked = true;
  }

  close(): void {
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
  }

  #wait(key: string, delayMs: number, isAsked: boolean): void {
    const timer = this.#clock.after(delayMs, () => {
      const wasAsked = this.#waiting.get(key)?.isAsked;
      this.#waiting.delete(key);
      if (!wasAsked) return;
      // Before the run, in which it may be asked for again.
      this.#wait(key, this.#intervalMs, false);
      this.#run(key);
    });
    this.#waiting.set(key, { isAsked, timer });
  }
}
