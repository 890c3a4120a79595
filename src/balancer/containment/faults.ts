import { toError } from "../../to-error.ts";

/** Code that the user gave: a policy, a detector of `ejection.detectors`, a function as `ejection`, or a transport's observer. */
export type PlugIn = "policy" | "detector" | "ejection" | "observer";

/** Told once for each method, as it would happen with every call. {@link Picker} and {@link Accuser} say what is done instead. */
export interface PlugInFailed {
  readonly type: "plugInFailed";
  readonly plugIn: PlugIn;
  /** The method that failed, or `creation`. */
  readonly method: string;
  readonly error: Error;
}

/** What went wrong in code that the user gave. It is kept until the balancer has ended its change, and told then. */
export class Faults {
  readonly #known = new Set<string>();
  #untold: PlugInFailed[] = [];

  get areUntold(): boolean {
    return this.#untold.length > 0;
  }

  note(plugIn: PlugIn, method: string, thrown: unknown): void {
    const name = `${plugIn}.${method}`;
    if (this.#known.has(name)) return;
    this.#known.add(name);
    this.#untold.push({ type: "plugInFailed", plugIn, method, error: toError(thrown) });
  }

  /** What the code returns, or `otherwise` where it throws. Not for the hot path: it makes a closure. */
  guard<T>(plugIn: PlugIn, method: string, run: () => T, otherwise: T): T {
    try {
      return run();
    } catch (error) {
      this.note(plugIn, method, error);
      return otherwise;
    }
  }

  /** If a promise was returned: nobody waits for it here, and one that rejects unheard would end the process. */
  notePromise(plugIn: PlugIn, method: string, returned: unknown): void {
    if (!(returned instanceof Promise)) return;
    returned.catch(() => {});
    this.note(plugIn, method, new TypeError("it returned a promise: its methods are synchronous"));
  }

  take(): readonly PlugInFailed[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }
}
