import type { CallObserver } from "./call-observer.ts";
import { containObserver, type FollowCall, type ObservedAttempts, type ObserverEnv } from "./contained-observer.ts";

/** All who hear of the calls of a transport. They come and go while it is at work. */
export class CallObservers {
  /** Follows a call for all of them; undefined while there is nobody. */
  follow: FollowCall | undefined;
  readonly #follows = new Set<FollowCall>();
  readonly #env: ObserverEnv;

  constructor(env: ObserverEnv) {
    this.#env = env;
  }

  /** @returns what has it hear of no further calls */
  add(observer: CallObserver): Disposable {
    const follow = containObserver(observer, this.#env);
    this.#follows.add(follow);
    this.#join();
    return {
      [Symbol.dispose]: () => {
        this.#follows.delete(follow);
        this.#join();
      },
    };
  }

  #join(): void {
    const [first, ...others] = this.#follows;
    this.follow = first && others.reduce(both, first);
  }
}

function both(one: FollowCall, other: FollowCall): FollowCall {
  return (call, make) => one(call, (observed) => other(call, (otherObserved) => make(pair(observed, otherObserved))));
}

function pair(one: ObservedAttempts | undefined, other: ObservedAttempts | undefined): ObservedAttempts | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    onAttempt(info) {
      const onOutcome = [one.onAttempt(info), other.onAttempt(info)] as const;
      return (outcome, error) => {
        for (const tell of onOutcome) tell(outcome, error);
      };
    },
  };
}
