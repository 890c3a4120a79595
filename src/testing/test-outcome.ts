import { type Outcome, type OutcomeKind, usualCode } from "../balancer/outcome.ts";

/** An outcome of 10 ms, with `processed` and `code` as is usual for its kind. Any field can be given. */
export function testOutcome(kind: OutcomeKind, fields: Partial<Omit<Outcome, "kind">> = {}): Outcome {
  return { kind, processed: usuallyProcessed(kind), code: usualCode[kind], latencyMs: 10, ...fields };
}

function usuallyProcessed(kind: OutcomeKind): Outcome["processed"] {
  if (kind === "success" || kind === "clientError") return "yes";
  return kind === "failure" || kind === "timeout" || kind === "abandoned" ? "unknown" : "no";
}
