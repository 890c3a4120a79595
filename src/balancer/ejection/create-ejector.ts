import { containedDetectors } from "../containment/contained-detector.ts";
import { ContainedEjector } from "../containment/contained-ejector.ts";
import type { Faults } from "../containment/faults.ts";
import type { Ejection, EjectionEnv, Ejector } from "./ejection.ts";
import { type EjectionOptions, ProbingEjector } from "./probing-ejector.ts";

/** The ejector that the option `ejection` asks for; false for one without detectors. What the user gave is contained. */
export function createEjector(ejection: EjectionOptions | Ejection | false, env: EjectionEnv, faults: Faults): Ejector {
  if (typeof ejection === "function") return new ContainedEjector(ejection, env, faults);
  if (ejection === false) return new ProbingEjector({ detectors: [] }, env);
  const { detectors } = ejection;
  return new ProbingEjector({ ...ejection, detectors: detectors && containedDetectors(detectors, faults) }, env);
}
