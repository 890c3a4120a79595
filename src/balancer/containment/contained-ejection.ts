import type { Detector } from "../ejection/detector.ts";
import type { Ejection, EjectionEnv, Ejector } from "../ejection/ejection.ts";
import { type EjectionOptions, ProbingEjector } from "../ejection/probing-ejector.ts";
import { assertText, type Faults } from "./faults.ts";
import { makePlugIn } from "./make-plug-in.ts";

/** The ejector that the option `ejection` asks for; false for one without detectors. What the user gave is contained. */
export function createEjector(ejection: EjectionOptions | Ejection | false, env: EjectionEnv, faults: Faults): Ejector {
  if (typeof ejection === "function") return containedEjector(ejection, env, faults);
  if (ejection === false) return new ProbingEjector({ detectors: [] }, env);
  const detectors = ejection.detectors?.map((detector, index) => containedDetector(detector, index, faults));
  return new ProbingEjector({ ...ejection, detectors }, env);
}

/** Where it fails, nothing changes. */
function containedEjector(ejection: Ejection, env: EjectionEnv, faults: Faults): Ejector {
  const ejector = makePlugIn(ejection, [env], {
    sentence: "ejection: expected options, false, or what outlierDetection() returns",
    product: "an ejector",
    methods: ["onOutcome", "review", "forget"],
  });
  const guard = <T>(method: string, run: () => T, otherwise: T) => faults.guard("ejection", method, run, otherwise);
  return {
    get reviewAtMs() {
      return ejector.reviewAtMs;
    },
    onOutcome: (member, outcome, startedAtMs, known, nowMs) =>
      guard("onOutcome", () => ejector.onOutcome(member, outcome, startedAtMs, known, nowMs), undefined),
    review: (members, known, nowMs) => guard("review", () => ejector.review(members, known, nowMs), []),
    forget: (member) => guard("forget", () => ejector.forget(member), undefined),
  };
}

/** Where its accuser fails, nobody is accused. */
function containedDetector(detector: Detector, index: number, faults: Faults): Detector {
  const guard = <T>(method: string, run: () => T) => faults.guard("detector", method, run, undefined);
  return () => {
    const accuser = makePlugIn(detector, [], {
      sentence: `ejection.detectors[${index}]: expected a detector, such as consecutiveFailures()`,
      product: "an accuser",
      methods: ["onOutcome", "forget"],
    });
    return {
      onOutcome: (member, outcome, nowMs) => guard("onOutcome", () => assertText(accuser.onOutcome(member, outcome, nowMs), "a reason")),
      forget: (member) => guard("forget", () => accuser.forget?.(member)),
    };
  };
}
