import type { MutableMember } from "./mutable-member.ts";

/**
 * How far down the ladder a member stands, by connectivity and by what discovery and its own report say of it.
 *
 * - `open`: healthy, with a session or able to open one.
 * - `waiting`: healthy, its first session under way; a call would wait for it.
 * - `lastResort`: unhealthy or draining, but reachable. Kubernetes too serves terminating endpoints when nothing else is ready.
 * - `retrying`: a session under way to one that was unreachable. Below `waiting`, because each retry would otherwise draw calls
 *   away from endpoints that work, and into a connect timeout.
 * - `none`: unreachable; never eligible.
 */
export type Tier = "open" | "waiting" | "lastResort" | "retrying" | "none";

/**
 * Whether it is kept from calls for a while. `held`: ejected, probing with its one call out, or resting after an overload;
 * ignored in panic. `probing`: may take the one call.
 */
export type Hold = "none" | "probing" | "held";

/** Whether it would be eligible without panic. */
export function isSound(tier: Tier, hold: Hold): boolean {
  return hold === "none" && (tier === "open" || tier === "waiting");
}

/** Whether it is in regular use. When this turns true, its slow start begins. */
export function isServing(member: MutableMember): boolean {
  return member.endpoint.health === "healthy" && !member.lost && member.ejection === "none";
}

/** @param believesDraining whether a server's own claim to be draining counts: not when most of them make it */
export function tierOf(member: MutableMember, believesDraining: boolean, nowMs: number): Tier {
  if (member.connectivity === "unreachable") return "none";
  if (member.lost) return "retrying";
  if (member.endpoint.health !== "healthy" || (believesDraining && nowMs < member.drainingUntilMs)) return "lastResort";
  return member.connectivity === "connecting" ? "waiting" : "open";
}

export function holdOf(member: MutableMember, nowMs: number): Hold {
  if (nowMs < member.restUntilMs) return "held";
  const ejection = member.ejectionAt(nowMs);
  if (ejection === "none") return "none";
  return ejection === "probing" && member.probes === 0 ? "probing" : "held";
}

/** When the passing of time alone changes the standing next; `Infinity` if never. */
export function changesAtMs(member: MutableMember, nowMs: number): number {
  let atMs = member.ejection === "ejected" ? member.ejectedUntilMs : Infinity;
  if (nowMs < member.restUntilMs) atMs = Math.min(atMs, member.restUntilMs);
  if (nowMs < member.drainingUntilMs) atMs = Math.min(atMs, member.drainingUntilMs);
  return atMs;
}
