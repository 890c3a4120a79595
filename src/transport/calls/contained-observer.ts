import { ConnectError } from "@connectrpc/connect";
import { Faults, type PlugInFailed } from "../../balancer/containment/faults.ts";
import type { Outcome } from "../../balancer/outcome.ts";
import type { Clock } from "../../clock.ts";
import type { AttemptInfo } from "./attempt-info.ts";
import type { CallEnd, CallInfo, CallListener, CallObserver } from "./call-observer.ts";

export interface ObserverEnv {
  readonly target: string;
  readonly clock: Clock;
  readonly onFault: (fault: PlugInFailed) => void;
}

/** What its attempt tells a listener: how it ended, and with which error. The first call counts. */
export type OnOutcome = (outcome: Outcome, error: unknown) => void;

/** Hears of the attempts of a call. */
export type ObservedAttempts = Pick<ObservedCall, "onAttempt">;

/** Calls a method of the user's. @returns what it returns; undefined if it failed */
type Tell = <T>(method: string, call: () => T) => T | undefined;

/** Makes a call, and tells of its start and end. */
export type FollowCall = <R>(call: Omit<CallInfo, "target">, make: (observed: ObservedAttempts | undefined) => Promise<R>) => Promise<R>;

/** Follows calls for a user's observer, from which no error gets out. */
export function containObserver(observer: CallObserver, { target, clock, onFault }: ObserverEnv): FollowCall {
  const tell = containment(onFault);
  return async (call, make) => {
    const listener = tell("onCall", () => observer.onCall({ ...call, target }));
    if (listener === undefined) return make(undefined);
    const observed = new ObservedCall(listener, tell, clock);
    try {
      const answer = await make(observed);
      observed.onAnswered();
      return answer;
    } catch (error) {
      observed.onFailed(ConnectError.from(error));
      throw error;
    }
  };
}

function containment(onFault: (fault: PlugInFailed) => void): Tell {
  const faults = new Faults();
  return (method, call) => {
    const returned = faults.guard("observer", method, call, undefined);
    if (faults.areUntold) faults.take().forEach(onFault);
    return returned;
  };
}

/** A call that somebody listens to. */
export class ObservedCall {
  readonly #listener: CallListener;
  readonly #tell: Tell;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  #attempts = 0;
  #isAnswered = false;
  #isOver = false;
  /** Of its latest attempt, once that is over. */
  #result: Pick<CallEnd, "code" | "error"> | undefined;

  constructor(listener: CallListener, tell: Tell, clock: Clock) {
    this.#listener = listener;
    this.#tell = tell;
    this.#clock = clock;
    this.#startedAtMs = clock.now();
  }

  /** An attempt starts. @returns what is to be called once its outcome is known */
  onAttempt(info: AttemptInfo): OnOutcome {
    const startedAtMs = this.#clock.now();
    const listener = this.#tell("onAttempt", () => this.#listener.onAttempt?.(info));
    this.#attempts++;
    this.#result = undefined;
    let isOver = false;
    return (outcome, thrown) => {
      if (isOver) return;
      isOver = true;
      const error = thrown === undefined ? undefined : ConnectError.from(thrown);
      // Of hedged attempts, those that lost are cancelled after the call was answered.
      if (outcome.kind !== "abandoned" || this.#result === undefined) this.#result = { code: outcome.code, error };
      this.#tell("onEnd of an attempt", () => listener?.onEnd?.({ outcome, error, durationMs: this.#clock.now() - startedAtMs }));
      if (this.#isAnswered && this.#result !== undefined) this.#end(this.#result);
    };
  }

  /** The caller has the answer, or of a stream its beginning. */
  onAnswered(): void {
    this.#isAnswered = true;
    if (this.#result !== undefined) this.#end(this.#result);
  }

  onFailed(error: ConnectError): void {
    this.#end({ code: error.code, error });
  }

  #end(result: Pick<CallEnd, "code" | "error">): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const durationMs = this.#clock.now() - this.#startedAtMs;
    this.#tell("onEnd of a call", () => this.#listener.onEnd?.({ ...result, attempts: this.#attempts, durationMs }));
  }
}
