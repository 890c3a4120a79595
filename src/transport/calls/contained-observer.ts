import { ConnectError } from "@connectrpc/connect";
import { Faults, type PlugInFailed } from "../../balancer/containment/faults.ts";
import type { Outcome } from "../../balancer/outcome.ts";
import type { Clock } from "../../clock.ts";
import type { AttemptInfo } from "./attempt-info.ts";
import type { CallEnd, CallInfo, CallListener, CallObserver } from "./call-observer.ts";

interface ObserverEnv {
  readonly target: string;
  readonly clock: Clock;
  readonly onFault: (fault: PlugInFailed) => void;
}

/** What its attempt tells a listener: how it ended, and with which error. The first call counts. */
export type OnOutcome = (outcome: Outcome, error: unknown) => void;

/** A user's observer, from which no error gets out. */
export class ContainedObserver {
  readonly env: ObserverEnv;
  readonly #observer: CallObserver;
  readonly #faults = new Faults();

  constructor(observer: CallObserver, env: ObserverEnv) {
    this.#observer = observer;
    this.env = env;
  }

  /** Makes a call, and tells of its start and end. */
  async follow<R>(call: Omit<CallInfo, "target">, make: (observed: ObservedCall | undefined) => Promise<R>): Promise<R> {
    const listener = this.tell("onCall", () => this.#observer.onCall({ ...call, target: this.env.target }));
    if (listener === undefined) return make(undefined);
    const observed = new ObservedCall(listener, this);
    try {
      const answer = await make(observed);
      observed.onAnswered();
      return answer;
    } catch (error) {
      observed.onFailed(error);
      throw error;
    }
  }

  /** Calls a method of the user's. @returns what it returns; undefined if it failed */
  tell<T>(method: string, call: () => T): T | undefined {
    const returned = this.#faults.guard<T | undefined>("observer", method, call, undefined);
    if (this.#faults.areUntold) for (const fault of this.#faults.take()) this.env.onFault(fault);
    return returned;
  }
}

/** A call that somebody listens to. */
export class ObservedCall {
  readonly #listener: CallListener;
  readonly #observer: ContainedObserver;
  readonly #startedAtMs: number;
  #attempts = 0;
  #isAnswered = false;
  /** Of its latest attempt, once that is over. */
  #result: Pick<CallEnd, "code" | "error"> | undefined;

  constructor(listener: CallListener, observer: ContainedObserver) {
    this.#listener = listener;
    this.#observer = observer;
    this.#startedAtMs = observer.env.clock.now();
  }

  /** An attempt starts. @returns what is to be called once its outcome is known */
  onAttempt(info: AttemptInfo): OnOutcome {
    const startedAtMs = this.#observer.env.clock.now();
    const listener = this.#observer.tell("onAttempt", () => this.#listener.onAttempt?.(info));
    this.#attempts++;
    this.#result = undefined;
    let isOver = false;
    return (outcome, thrown) => {
      if (isOver) return;
      isOver = true;
      const error = thrown === undefined ? undefined : ConnectError.from(thrown);
      this.#result = { code: outcome.code, error };
      const durationMs = this.#observer.env.clock.now() - startedAtMs;
      this.#observer.tell("onEnd of an attempt", () => listener?.onEnd?.({ outcome, error, durationMs }));
      if (this.#isAnswered) this.#end(this.#result);
    };
  }

  /** The caller has the answer, or of a stream its beginning. */
  onAnswered(): void {
    this.#isAnswered = true;
    if (this.#result !== undefined) this.#end(this.#result);
  }

  onFailed(thrown: unknown): void {
    const error = ConnectError.from(thrown);
    this.#end({ code: error.code, error });
  }

  #end(result: Pick<CallEnd, "code" | "error">): void {
    const durationMs = this.#observer.env.clock.now() - this.#startedAtMs;
    this.#observer.tell("onEnd of a call", () => this.#listener.onEnd?.({ ...result, attempts: this.#attempts, durationMs }));
  }
}
