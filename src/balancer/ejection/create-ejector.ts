import type { Ejection, EjectionEnv, Ejector } from "./ejection.ts";
import { type EjectionOptions, ProbingEjector } from "./probing-ejector.ts";

/** The ejector that the option `ejection` asks for; false for one without detectors. */
export function createEjector(ejection: EjectionOptions | Ejection | false, env: EjectionEnv): Ejector {
  if (typeof ejection === "function") return ejection(env);
  return new ProbingEjector(ejection === false ? { detectors: [] } : ejection, env);
}
