import { show } from "../../show.ts";
import type { Faults } from "../faults.ts";
import { makePlugIn } from "../make-plug-in.ts";
import type { Member } from "../member.ts";
import type { Outcome } from "../outcome.ts";
import type { Accuser, Detector } from "./detector.ts";

/** Detectors whose accusers let no error out: one that fails accuses nobody. */
export function containedDetectors(detectors: readonly Detector[], faults: Faults): readonly Detector[] {
  return detectors.map((detector, index) => {
    const sentence = `ejection.detectors[${index}]: expected a detector, such as consecutiveFailures()`;
    const wish = { sentence, product: "an accuser", methods: ["onOutcome", "forget"] } as const;
    return () => new ContainedAccuser(makePlugIn(detector, [], wish), faults);
  });
}

class ContainedAccuser implements Required<Accuser> {
  readonly #accuser: Accuser;
  readonly #faults: Faults;

  constructor(accuser: Accuser, faults: Faults) {
    this.#accuser = accuser;
    this.#faults = faults;
  }

  onOutcome(member: Member, outcome: Outcome, nowMs: number): string | undefined {
    try {
      const reason: unknown = this.#accuser.onOutcome(member, outcome, nowMs);
      if (reason === undefined || typeof reason === "string") return reason;
      if (reason instanceof Promise) this.#faults.notePromise("detector", "onOutcome", reason);
      else
        this.#faults.note("detector", "onOutcome", new TypeError(`it returned ${show(reason)}, which is neither a reason nor undefined`));
    } catch (error) {
      this.#faults.note("detector", "onOutcome", error);
    }
    return undefined;
  }

  forget(member: Member): void {
    try {
      this.#faults.notePromise("detector", "forget", this.#accuser.forget?.(member));
    } catch (error) {
      this.#faults.note("detector", "forget", error);
    }
  }
}
