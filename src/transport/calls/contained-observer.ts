import { validateHeaderName, validateHeaderValue } from "node:http";
import { ConnectError, type ContextValues } from "@connectrpc/connect";
import { Faults, type PlugInFailed } from "../../balancer/containment/faults.ts";
import type { Outcome } from "../../balancer/outcome.ts";
import type { Clock } from "../../clock.ts";
import type { AttemptInfo } from "./attempt-info.ts";
import type { AttemptListener, CallEnd, CallInfo, CallListener, CallObserver } from "./call-observer.ts";

export interface ObserverEnv {
  readonly target: string;
  readonly clock: Clock;
  readonly onFault: (fault: PlugInFailed) => void;
}

/** Calls a method of the user's. @returns what it returns; undefined if it failed */
type Tell = <T>(method: string, call: () => T) => T | undefined;

/** Makes a call, and tells of its start and end. */
export type FollowCall = <R>(call: FollowedCall, make: (observed: ObservedCall | undefined) => Promise<R>) => Promise<R>;
type FollowedCall = Omit<CallInfo, "target">;

/** Of one call. Its context values are made when somebody looks at them. */
class LazyInfo implements CallInfo {
  readonly method: string;
  readonly target: string;
  readonly #call: FollowedCall;

  constructor(call: FollowedCall, target: string) {
    this.method = call.method;
    this.target = target;
    this.#call = call;
  }

  get contextValues(): ContextValues {
    return this.#call.contextValues;
  }
}

/** Follows calls for observers, from which no error gets out. */
export function followCalls(
  observers: readonly CallObserver[],
  { target, clock, tell }: Pick<ObserverEnv, "target" | "clock"> & { readonly tell: Tell },
): FollowCall {
  return (call, make) => {
    const info = new LazyInfo(call, target);
    const listeners: CallListener[] = [];
    for (const observer of observers) {
      const listener = tell("onCall", () => observer.onCall(info));
      if (listener !== undefined) listeners.push(listener);
    }
    // A call that nobody listens to is what it is without observers.
    return listeners.length === 0 ? make(undefined) : followed(new ObservedCall(listeners, tell, clock), make);
  };
}

async function followed<R>(observed: ObservedCall, make: (observed: ObservedCall) => Promise<R>): Promise<R> {
  try {
    const answer = await make(observed);
    observed.onAnswered();
    return answer;
  } catch (error) {
    observed.onFailed(ConnectError.from(error));
    throw error;
  }
}

export function containment(onFault: (fault: PlugInFailed) => void): Tell {
  const faults = new Faults();
  return (method, call) => {
    const returned = faults.guard("observer", method, call, undefined);
    if (faults.areUntold) faults.take().forEach(onFault);
    return returned;
  };
}

function present<T>(items: readonly (T | undefined)[]): readonly T[] {
  return items.filter((item) => item !== undefined);
}

/** A call that somebody listens to. */
export class ObservedCall {
  readonly #listeners: readonly CallListener[];
  readonly #tell: Tell;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  #attempts = 0;
  #isAnswered = false;
  /** Since when no attempt is under way. */
  #idleSinceMs: number;
  #underWay = 0;
  #isOver = false;
  /** Of its latest attempt, once that is over. */
  #result: Pick<CallEnd, "code" | "error"> | undefined;

  constructor(listeners: readonly CallListener[], tell: Tell, clock: Clock) {
    this.#listeners = listeners;
    this.#tell = tell;
    this.#clock = clock;
    this.#startedAtMs = this.#idleSinceMs = clock.now();
  }

  onAttempt(info: AttemptInfo): ObservedAttempt {
    const startedAtMs = this.#clock.now();
    const start = { ...info, waitedMs: this.#underWay > 0 ? 0 : startedAtMs - this.#idleSinceMs };
    const listeners = present(this.#listeners.map((listener) => this.#tell("onAttempt", () => listener.onAttempt?.(start))));
    this.#attempts++;
    this.#underWay++;
    this.#result = undefined;
    return new ObservedAttempt(listeners, this.#tell, (outcome, error, stream) => {
      const nowMs = this.#clock.now();
      this.#underWay--;
      this.#idleSinceMs = nowMs;
      // Of hedged attempts, those that lost are cancelled after the call was answered.
      if (outcome.kind !== "abandoned" || this.#result === undefined) this.#result = { code: outcome.code, error };
      const end = {
        outcome,
        error,
        durationMs: nowMs - startedAtMs,
        sentBytes: stream?.sentBytes ?? 0,
        receivedBytes: stream?.bytes.received ?? 0,
      };
      for (const listener of listeners) this.#tell("onEnd of an attempt", () => listener.onEnd?.(end));
      if (this.#isAnswered && this.#result !== undefined) this.#end(this.#result);
    });
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
    const end = { ...result, attempts: this.#attempts, durationMs: this.#clock.now() - this.#startedAtMs };
    for (const listener of this.#listeners) this.#tell("onEnd of a call", () => listener.onEnd?.(end));
  }
}

/** The stream of an attempt, if it came to have one. */
type Sizes = { readonly sentBytes: number; readonly bytes: { readonly received: number } } | undefined;

type OnEnd = (outcome: Outcome, error: ConnectError | undefined, stream: Sizes) => void;

/** One of its attempts. */
export class ObservedAttempt {
  /** What listeners want to be sent with its request. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly #onEnd: OnEnd;
  #isOver = false;

  constructor(listeners: readonly AttemptListener[], tell: Tell, onEnd: OnEnd) {
    this.#onEnd = onEnd;
    for (const listener of listeners) {
      const headers = tell("headers of an attempt", () => checkedHeaders(listener.headers));
      if (headers !== undefined) this.headers = { ...this.headers, ...headers };
    }
  }

  /** Its outcome is known. The first call counts. */
  onOutcome(outcome: Outcome, thrown: unknown, stream: Sizes): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd(outcome, thrown === undefined ? undefined : ConnectError.from(thrown), stream);
  }
}

/** @throws TypeError for what HTTP does not allow: the call goes on without */
function checkedHeaders(headers: AttemptListener["headers"]): Readonly<Record<string, string>> | undefined {
  if (headers === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      return [name.toLowerCase(), value];
    }),
  );
}
