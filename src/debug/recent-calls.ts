import type { Outcome } from "../balancer/outcome.ts";
import type { Clock } from "../clock.ts";
import type { AttemptEnd, CallEnd, CallListener, CallObserver } from "../transport/calls/call-observer.ts";
import type { AttemptTraffic, CallTraffic, LastError } from "./debug-snapshot.ts";
import { RecentTally, recentMs, type Tally } from "./recent-tally.ts";

/** The longest message that is kept of an error. */
const maxMessageLength = 300;

/** What one endpoint was asked for. */
interface EndpointCalls {
  readonly tally: RecentTally;
  lastError: { readonly message: string; readonly atMs: number } | undefined;
}

/** Hears of calls, and knows those of the last ten seconds: all of them, and the attempts by their endpoints. */
export class RecentCalls implements CallObserver {
  readonly #clock: Clock;
  readonly #sinceMs: number;
  readonly #calls = new RecentTally();
  readonly #repeats = new RecentTally();
  readonly #endpoints = new Map<string, EndpointCalls>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.now();
  }

  onCall(): CallListener {
    const startedAtMs = this.#clock.now();
    this.#calls.start(startedAtMs);
    let last: Outcome | undefined;
    let answeredAfterMs = 0;
    return {
      onAttempt: ({ endpoint, number }) => {
        const attemptAtMs = this.#clock.now();
        const of = this.#endpoint(endpoint.id);
        of.tally.start(attemptAtMs);
        if (number > 1) this.#repeats.start(attemptAtMs);
        return {
          onEnd: (end) => {
            last = end.outcome;
            answeredAfterMs = attemptAtMs - startedAtMs + last.latencyMs;
            this.#onAttemptEnd(of, end);
          },
        };
      },
      onEnd: (end) => this.#onCallEnd(end, last, answeredAfterMs),
    };
  }

  /** Of all calls. */
  all(): CallTraffic {
    const nowMs = this.#clock.now();
    const windowMs = this.#windowMs(nowMs);
    const tally = this.#calls.read(nowMs);
    const repeats = this.#repeats.read(nowMs).started;
    return {
      windowMs,
      callsPerSecond: perSecond(tally.started, windowMs),
      ...(tally.started > 0 && { repeatedShare: repeats / tally.started }),
      ...qualities(tally),
    };
  }

  /** Of each endpoint. Those that are not named are forgotten. */
  byEndpoint(ids: readonly string[]): readonly AttemptTraffic[] {
    const nowMs = this.#clock.now();
    const windowMs = this.#windowMs(nowMs);
    const named = new Set(ids);
    for (const id of this.#endpoints.keys()) if (!named.has(id)) this.#endpoints.delete(id);
    const known = ids.map((id) => this.#endpoints.get(id));
    const tallies = known.map((of) => of?.tally.read(nowMs));
    const all = tallies.reduce((sum, tally) => sum + (tally?.started ?? 0), 0);
    return tallies.map((tally, place) => ({
      attemptsPerSecond: perSecond(tally?.started ?? 0, windowMs),
      share: all === 0 ? 0 : (tally?.started ?? 0) / all,
      ...(tally !== undefined && qualities(tally)),
      ...lastErrorOf(known[place], nowMs),
    }));
  }

  #windowMs(nowMs: number): number {
    return Math.min(recentMs, nowMs - this.#sinceMs);
  }

  #endpoint(id: string): EndpointCalls {
    const known = this.#endpoints.get(id);
    if (known !== undefined) return known;
    const added: EndpointCalls = { tally: new RecentTally(), lastError: undefined };
    this.#endpoints.set(id, added);
    return added;
  }

  #onAttemptEnd(of: EndpointCalls, { outcome, error }: AttemptEnd): void {
    if (outcome.kind === "abandoned") return;
    const atMs = this.#clock.now();
    const isSuccess = isServed(outcome);
    of.tally.end(isSuccess, outcome.latencyMs, atMs);
    if (isSuccess) return;
    const message = error?.message ?? outcome.kind;
    of.lastError = { message: message.slice(0, maxMessageLength), atMs };
  }

  /** Without an attempt, there was no endpoint for it. */
  #onCallEnd({ code, durationMs }: CallEnd, last: Outcome | undefined, answeredAfterMs: number): void {
    if (last?.kind === "abandoned" || code === 1) return;
    const isSuccess = code === 0 || (last !== undefined && isServed(last));
    this.#calls.end(isSuccess, last === undefined ? durationMs : answeredAfterMs, this.#clock.now());
  }
}

/** The caller's own fault is not the server's. */
function isServed({ kind }: Outcome): boolean {
  return kind === "success" || kind === "clientError";
}

function perSecond(count: number, windowMs: number): number {
  return windowMs === 0 ? 0 : (count * 1_000) / windowMs;
}

function qualities({ succeeded, failed, latencies }: Tally): Pick<CallTraffic, "successShare" | "p50Ms" | "p99Ms"> {
  const [p50Ms, p99Ms] = [latencies.at(0.5), latencies.at(0.99)];
  return {
    ...(succeeded + failed > 0 && { successShare: succeeded / (succeeded + failed) }),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p99Ms !== undefined && { p99Ms }),
  };
}

function lastErrorOf(of: EndpointCalls | undefined, nowMs: number): { lastError?: LastError } {
  if (of?.lastError === undefined) return {};
  const { message, atMs } = of.lastError;
  return { lastError: { message, agoMs: nowMs - atMs } };
}
