import { assertChecked } from "../../check-options.ts";
import { type CallObserver, checkObserver } from "./call-observer.ts";
import { containment, type FollowCall, followCalls, type ObserverEnv } from "./contained-observer.ts";

/** All who hear of the calls of a transport. They come and go while it is at work. */
export class CallObservers {
  /** Follows a call for all of them; undefined while there is nobody. */
  follow: FollowCall | undefined;
  readonly #observers = new Set<{ readonly observer: CallObserver }>();
  readonly #env: Parameters<typeof followCalls>[1];

  constructor({ target, clock, onFault }: ObserverEnv) {
    this.#env = { target, clock, tell: containment(onFault) };
  }

  /** @returns what has it hear of no further calls */
  readonly observe = (observer: CallObserver): Disposable => {
    const entry = { observer: assertChecked(observer, checkObserver, "observer") };
    this.#observers.add(entry);
    this.#join();
    return {
      [Symbol.dispose]: () => {
        this.#observers.delete(entry);
        this.#join();
      },
    };
  };

  #join(): void {
    const observers = [...this.#observers].map(({ observer }) => observer);
    this.follow = observers.length === 0 ? undefined : followCalls(observers, this.#env);
  }
}
