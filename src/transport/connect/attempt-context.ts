import type { ContextKey, ContextValues } from "@connectrpc/connect";
import type { Attempt } from "../calls/attempt.ts";
import { attemptInfo } from "../calls/attempt-info.ts";

/**
 * The context values of a call, as the interceptors of one attempt see them: with {@link attemptInfo}. What they set is the call's.
 */
export class AttemptContext implements ContextValues {
  readonly #ofCall: ContextValues;
  readonly #attempt: Attempt;

  constructor(ofCall: ContextValues, attempt: Attempt) {
    this.#ofCall = ofCall;
    this.#attempt = attempt;
  }

  get<T>(key: ContextKey<T>): T {
    return key.id === attemptInfo.id ? (this.#attempt.info as T) : this.#ofCall.get(key);
  }

  set<T>(key: ContextKey<T>, value: T): this {
    this.#ofCall.set(key, value);
    return this;
  }

  delete(key: ContextKey<unknown>): this {
    this.#ofCall.delete(key);
    return this;
  }
}
