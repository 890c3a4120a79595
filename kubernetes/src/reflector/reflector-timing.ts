/** Times of a reflector, in ms. */
export interface ReflectorTiming {
  /** How long an answer may take to begin, and to go on where all of it is there already: lists and initial events. */
  readonly answerTimeoutMs: number;
  /** How long a watch may be silent. An apiserver says something once a minute, as a rule. */
  readonly silenceTimeoutMs: number;
  /** How long a watch lasts at least; at most twice as long. Then the server ends it, so that watches move to other servers. */
  readonly watchMs: number;
  /** How old a list becomes at least before all is listed again, at the end of a watch; at most three times as old. What was missed is found then. */
  readonly relistMs: number;
  /** The bound of the pause after a first failure. It doubles with each further one. */
  readonly backoffMs: number;
  /** The most that the pause becomes. */
  readonly maxBackoffMs: number;
  /** The same while there is no answer at all. If it is short, a server that is back is found soon, and all who watch it come back together. */
  readonly maxUnansweredBackoffMs: number;
  /** A server that asks for more is not left alone for longer than that. */
  readonly maxRetryAfterMs: number;
  /** How long a watch has to last to be taken to work, which ends a trouble. */
  readonly provenAfterMs: number;
}

/** The default times: those of Kubernetes' own clients, as far as they have them. */
export const defaultTiming: ReflectorTiming = {
  answerTimeoutMs: 15_000,
  silenceTimeoutMs: 90_000,
  watchMs: 240_000,
  relistMs: 600_000,
  backoffMs: 800,
  maxBackoffMs: 30_000,
  maxUnansweredBackoffMs: 30_000,
  maxRetryAfterMs: 300_000,
  provenAfterMs: 10_000,
};
