import type { MutableMember } from "./mutable-member.ts";

/**
 * Whether an endpoint serves, by what this client sees of it.
 *
 * - `serving`: it has a session, its calls don't fail as a rule, and neither discovery nor the server itself says that it drains.
 * - `unsure`: the same, but the session is still being opened, or again.
 * - `gone`: all others, those included that have no session because nobody called them for long.
 */
export type Liveness = "serving" | "unsure" | "gone";

export function livenessOf({ endpoint, connectivity, lost, ejection, drainingUntilMs }: MutableMember, nowMs: number): Liveness {
  if (endpoint.health !== "healthy" || ejection !== "none" || nowMs < drainingUntilMs) return "gone";
  if (connectivity === "ready") return "serving";
  return connectivity === "connecting" && !lost ? "unsure" : "gone";
}
