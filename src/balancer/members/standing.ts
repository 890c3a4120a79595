import type { MutableMember } from "./mutable-member.ts";

/**
 * The order in which members get calls, by connectivity, by what discovery and their own reports say, and by ejection: the lower, the sooner.
 *
 * - `OPEN`: healthy, with a session or able to open one. Among them one that is probing, for its one call.
 * - `WAITING`: healthy, its first session under way; a call would wait for it.
 * - `HELD_OPEN`, `HELD_WAITING`: the same, but ejected, probing with its one call out, or resting after an overload. In panic that is ignored.
 * - `LAST_RESORT`: unhealthy or draining, but reachable. Kubernetes too serves terminating endpoints when nothing else is ready.
 * - `RETRYING`: a session under way to one that was unreachable. So far down, because each retry would otherwise draw calls
 *   away from endpoints that work, and into a connect timeout.
 * - `UNREACHABLE`: never gets any.
 * - `FULL`: would get some, but has as many as one endpoint may have at once. For panic and zones it is what it would be without that limit.
 */
export type Standing = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
export const OPEN = 0;
export const WAITING = 1;
export const HELD_OPEN = 2;
export const HELD_WAITING = 3;
export const LAST_RESORT = 4;
export const RETRYING = 5;
export const UNREACHABLE = 6;
export const FULL = 7;

/** @param believesDraining whether a server's own claim to be draining counts: not when most of them make it */
export function standingOf(member: MutableMember, believesDraining: boolean, nowMs: number): Standing {
  const { connectivity, endpoint, ejection } = member;
  if (connectivity === "unreachable") return UNREACHABLE;
  if (member.lost) return RETRYING;
  if (endpoint.health !== "healthy" || (believesDraining && nowMs < member.drainingUntilMs)) return LAST_RESORT;
  const isHeld = nowMs < member.restUntilMs || ejection === "ejected" || (ejection === "probing" && member.probes > 0);
  if (connectivity === "connecting") return isHeld ? HELD_WAITING : WAITING;
  return isHeld ? HELD_OPEN : OPEN;
}

/** Whether panic and zones count on it: it gets calls as a rule, and no single one decides about it. */
export function isSound(standing: Standing, member: MutableMember): boolean {
  return standing <= WAITING && member.ejection === "none";
}

/** Whether it has no part of the calls for longer than a moment. One that was away and no longer is begins its slow start. */
export function isAway({ endpoint, lost, ejection }: MutableMember): boolean {
  return endpoint.health !== "healthy" || lost || ejection !== "none";
}

/** When the passing of time alone changes the standing next; `Infinity` if never. */
export function changesAtMs(member: MutableMember, nowMs: number): number {
  let atMs = member.ejection === "ejected" ? member.ejectedUntilMs : Infinity;
  if (nowMs < member.restUntilMs) atMs = Math.min(atMs, member.restUntilMs);
  if (nowMs < member.drainingUntilMs) atMs = Math.min(atMs, member.drainingUntilMs);
  return atMs;
}
