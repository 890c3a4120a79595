import { show } from "../../show.ts";
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

  /** What the code returns, or `otherwise` where it fails. Not for the hot path: it makes a closure. */
  guard<T>(plugIn: PlugIn, method: string, run: () => T, otherwise: T): T {
    try {
      return assertSynchronous(run());
    } catch (error) {
      this.note(plugIn, method, error);
      return otherwise;
    }
  }

  take(): readonly PlugInFailed[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }
}

/** @throws TypeError for a promise: nobody waits for it here, and one that rejects unheard would end the process */
export function assertSynchronous<T>(returned: T): T {
  if (!(returned instanceof Promise)) return returned;
  returned.catch(() => {});
  throw new TypeError("it returned a promise: its methods are synchronous");
}

/** @throws TypeError for what is neither a text nor undefined */
export function assertText(said: unknown, what: string): string | undefined {
  assertSynchronous(said);
  if (said === undefined || typeof said === "string") return said;
  throw new TypeError(`it returned ${show(said)}, which is neither ${what} nor undefined`);
}
