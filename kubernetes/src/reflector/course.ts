import type { ApiFailure } from "./api-failure.ts";
import { type Outcome, type RestartReason, reasonOf, type Step } from "./outcome.ts";
import type { ReflectorTiming } from "./reflector-timing.ts";

/** What follows from an outcome. */
export interface Turn {
  /** Why the next step is not just the next one. */
  readonly reason: RestartReason | undefined;
  readonly delayMs: number;
  /** How many steps have failed, with no watch in between that worked. */
  readonly failures: number;
}

/** One may be a connection that died. A watch from a version that the server has yet to reach, as after a restore from a backup, is silent again. */
const maxSilences = 2;

/** Failures in a row that are of one kind: there was an answer, or none. */
interface Streak {
  readonly isAnswered: boolean;
  readonly failures: number;
}

/**
 * Decides what a reflector does next, from what came of the last step. It never gives up, and never starts from an unknown version if it knows one.
 *
 * @see https://github.com/kubernetes/client-go/blob/master/tools/cache/reflector.go
 */
export class Course {
  readonly #timing: ReflectorTiming;
  readonly #random: () => number;
  #step: Step = { kind: "watchList" };
  #failures = 0;
  /** Those of them that are alike: a server that answers again, whatever it says, begins anew. */
  #streak: Streak = { isAnswered: false, failures: 0 };
  #relistAtMs = Number.POSITIVE_INFINITY;
  #isUnauthorized = false;
  /** Watches in a row that were silent from the beginning to the end. */
  #silences = 0;

  constructor(timing: ReflectorTiming, random: () => number) {
    this.#timing = timing;
    this.#random = random;
  }

  get step(): Step {
    return this.#step;
  }

  get renewsCredentials(): boolean {
    return this.#isUnauthorized;
  }

  /** All that there is has been told, as of that version. */
  synced(version: string, nowMs: number): void {
    this.reached(version);
    this.#relistAtMs = nowMs + this.#timing.relistMs * (1 + 2 * this.#random());
  }

  /** What has changed up to that version has been told. */
  reached(version: string): void {
    this.#silences = 0;
    this.#step = { kind: "watch", version };
  }

  /** A watch has worked for a while. */
  proven(): void {
    this.#failures = 0;
    this.#streak = { isAnswered: false, failures: 0 };
  }

  /** @param isProven whether the step was a watch that worked for a while */
  after(outcome: Outcome, isProven: boolean, nowMs: number): Turn {
    if (outcome.kind === "listed") return { reason: undefined, delayMs: 0, failures: this.#failures };
    const step = this.#step;
    const reason = reasonOf(outcome);
    const isSecondUnauthorized = this.#isUnauthorized;
    this.#isUnauthorized = reason === "unauthorized";
    this.#step = next(step, outcome, reason);
    // One that was not answered at all says nothing of its version.
    if (step.kind === "watch" && isProven && outcome.kind === "silent") this.#silences += 1;
    if (step.kind === "watch" && (this.#silences >= maxSilences || (isProven && nowMs >= this.#relistAtMs)))
      this.#step = { kind: "watchList" };
    if (reason === "ended" && isProven) return this.#atEnd(nowMs);
    if (isUnsupported(step, outcome)) return { reason: undefined, delayMs: 0, failures: this.#failures };
    this.#fail(outcome);
    // New credentials may do at once, and so may a list in the place of a version that is forgotten.
    const isAtOnce = reason === "unauthorized" ? !isSecondUnauthorized : reason === "expired" && this.#streak.failures === 1;
    return { reason, delayMs: isAtOnce ? 0 : this.#pauseMs(outcome), failures: this.#failures };
  }

  #fail(outcome: Outcome): void {
    const isAnswered = outcome.kind !== "broken" && outcome.kind !== "silent";
    this.#failures += 1;
    this.#streak = { isAnswered, failures: isAnswered === this.#streak.isAnswered ? this.#streak.failures + 1 : 1 };
  }

  #atEnd(nowMs: number): Turn {
    return { reason: nowMs >= this.#relistAtMs ? "relist" : "ended", delayMs: 0, failures: 0 };
  }

  /** Full jitter: many clients of a server that comes back must not come back together. */
  #pauseMs(outcome: Outcome): number {
    const { backoffMs, maxBackoffMs, maxUnansweredBackoffMs, maxRetryAfterMs } = this.#timing;
    const { isAnswered, failures } = this.#streak;
    const bounds = [maxBackoffMs, ...(isAnswered ? [] : [maxUnansweredBackoffMs])];
    const jittered = this.#random() * Math.min(...bounds, backoffMs * 2 ** (failures - 1));
    const retryAfterMs = outcome.kind === "refused" ? (outcome.failure.retryAfterMs ?? 0) : 0;
    return Math.min(retryAfterMs, maxRetryAfterMs) + jittered;
  }
}

function next(step: Step, outcome: Outcome, reason: RestartReason): Step {
  if (step.kind === "watch") return isLost(outcome, reason) ? { kind: "watchList" } : step;
  return step.kind === "watchList" && !isPassing(reason) ? { kind: "list" } : step;
}

/** Whether the version leads nowhere: the server has forgotten it, does not know it yet, or sends nothing after it that can be taken. */
function isLost(outcome: Outcome, reason: RestartReason): boolean {
  if (outcome.kind === "refused" && outcome.failure.isTooLargeVersion) return true;
  return reason === "expired" || reason === "malformed" || reason === "wentBack";
}

/** Whether a watch with all that there is may do another time. Otherwise a list may do now: the two fail for different reasons. */
function isPassing(reason: RestartReason): boolean {
  return reason === "broken" || reason === "throttled" || reason === "unauthorized" || reason === "forbidden";
}

/** Whether the server does not know of watches with all that there is. That is no failure. */
function isUnsupported(step: Step, outcome: Outcome): boolean {
  return step.kind === "watchList" && outcome.kind === "refused" && unsupported.has(outcome.failure.status);
}

const unsupported: ReadonlySet<ApiFailure["status"]> = new Set([400, 415, 422]);
