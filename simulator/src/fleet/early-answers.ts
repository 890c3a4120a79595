import type { Answer, Visit } from "./visit.ts";

/** An answer that does not wait for the work. */
interface EarlyAnswer {
  readonly answer: Answer;
  readonly share: number;
  readonly afterMs: number;
}

const NEVER = { share: 0, afterMs: 0 };

/** Which calls a server answers without doing their work: because something is wrong with it, or with them. */
export class EarlyAnswers {
  #failed: EarlyAnswer = { answer: "failed", ...NEVER };
  #denied: EarlyAnswer = { answer: "denied", ...NEVER };

  /** From now on, answers this share of calls so, so much later. */
  give(answer: "failed" | "denied", share: number, afterMs: number): void {
    if (answer === "failed") this.#failed = { answer, share, afterMs };
    else this.#denied = { answer, share, afterMs };
  }

  /** Undefined: the call is worked on. */
  to(visit: Visit): Omit<EarlyAnswer, "share"> | undefined {
    const failed = this.#failed.share;
    const either = failed + this.#denied.share;
    const chance = either > 0 ? visit.errorChance : 1;
    if (chance < failed) return this.#failed;
    if (chance < either) return this.#denied;
    const afterMs = visit.mistake?.afterMs;
    return afterMs === undefined ? undefined : { answer: "mistaken", afterMs };
  }
}
