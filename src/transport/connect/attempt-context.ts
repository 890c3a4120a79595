import { type ContextKey, type ContextValues, createContextKey } from "@connectrpc/connect";
import type { Attempt } from "../calls/attempt.ts";
import { attemptInfo } from "../calls/attempt-info.ts";

/** Of the attempt whose request the values came with; undefined if somebody put others in their place. */
export const attemptKey: ContextKey<Attempt | undefined> = createContextKey<Attempt | undefined>(undefined, {
  description: "meshless attempt",
});

/**
 * The context values of a call, as the interceptors of one attempt see them: with {@link attemptInfo}, and for ourselves the attempt. What they
 * set is the call's.
 */
export class AttemptContext implements ContextValues {
  readonly #ofCall: ContextValues;
  readonly #attempt: Attempt;

  constructor(ofCall: ContextValues, attempt: Attempt) {
    this.#ofCall = ofCall;
    this.#attempt = attempt;
  }

  get<T>(key: ContextKey<T>): T {
    if (key.id === attemptInfo.id) return this.#attempt.info as T;
    return key.id === attemptKey.id ? (this.#attempt as T) : this.#ofCall.get(key);
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
