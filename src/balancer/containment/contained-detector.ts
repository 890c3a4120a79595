import { show } from "../../show.ts";
import type { Accuser, Detector } from "../ejection/detector.ts";
import type { Member } from "../member.ts";
import type { Outcome } from "../outcome.ts";
import type { Faults } from "./faults.ts";
import { makePlugIn } from "./make-plug-in.ts";

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
    const reason: unknown = this.#faults.guard("detector", "onOutcome", () => this.#accuser.onOutcome(member, outcome, nowMs), undefined);
    if (reason === undefined || typeof reason === "string") return reason;
    this.#faults.notePromise("detector", "onOutcome", reason);
    this.#faults.note("detector", "onOutcome", new TypeError(`it returned ${show(reason)}, which is neither a reason nor undefined`));
    return undefined;
  }

  forget(member: Member): void {
    this.#faults.notePromise(
      "detector",
      "forget",
      this.#faults.guard("detector", "forget", () => this.#accuser.forget?.(member), undefined),
    );
  }
}
