import type { MemberSnapshot } from "./balancer.ts";
import type { MutableMember } from "./members/mutable-member.ts";
import type { PickContext } from "./pick-context.ts";

/** What is known of a member from its place among the others. */
interface Place {
  readonly eligible: boolean;
  /** Whether it is in another zone, for the calls that the own zone can't take. */
  readonly isBeyondZone: boolean;
  /** The share that slow start allows it, 0 to 1. */
  readonly share: number;
  readonly policySays: string | undefined;
}

export function describeMember(member: MutableMember, place: Place, nowMs: number): MemberSnapshot {
  const { eligible, share, policySays } = place;
  const { endpoint, connectivity, ejection, inFlight, report, reportAtMs } = member;
  const flaw = flawOf(member, nowMs);
  return {
    endpoint,
    eligible,
    standing: flaw?.name ?? "sound",
    reason: reasonOf(member, place, flaw),
    ...(share < 1 && { slowStartShare: share }),
    ...(policySays !== undefined && { policySays }),
    connectivity,
    ejection,
    ...(ejection === "ejected" && { ejectedForMs: member.ejectedUntilMs - nowMs }),
    inFlight,
    outcomes: { ...member.outcomes },
    ...(report !== undefined && { report }),
    ...(reportAtMs !== undefined && { reportAgeMs: nowMs - reportAtMs }),
  };
}

/**
 * Why nobody was there for a call, in one sentence for an error, such as
 * "3 known: 2 already tried, 1 ejected (5 failures in a row), next probe in 2.1 s".
 */
export function explainNobody(members: readonly MutableMember[], context: PickContext, nowMs: number): string {
  if (members.length === 0) return "the endpoint set is empty";
  const { shard, avoid } = context;
  const asked = shard === undefined ? members : members.filter((member) => member.endpoint.labels.shard === shard);
  const known = shard === undefined ? `${asked.length} known` : `${asked.length} known of shard "${shard}"`;
  if (asked.length === 0) return `none of ${members.length} known has shard "${shard}"`;
  if (asked.every((member) => avoid?.has(member.endpoint.id))) return `all ${known} were already tried for this call`;
  const parts = countEach(asked.map((member) => (avoid?.has(member.endpoint.id) ? "already tried" : summaryOf(member, nowMs))));
  const ejected = asked.filter((member) => member.ejection === "ejected");
  const [next] = ejected.sort((one, other) => one.ejectedUntilMs - other.ejectedUntilMs);
  const whenBack = next && `, next ${next.probed ? "probe" : "return"} in ${seconds(next.ejectedUntilMs - nowMs)}`;
  return `${known}: ${parts.join(", ")}${whenBack ?? ""}`;
}

function reasonOf(member: MutableMember, { eligible, isBeyondZone, share }: Place, flaw: Flaw | undefined): string {
  if (flaw !== undefined) return eligible ? `eligible although ${flaw.name}${flaw.detail}` : `${flaw.name}${flaw.detail}`;
  if (!eligible) return `fallback level ${member.endpoint.priority}: used when the levels before it run short of eligible endpoints`;
  const notes = [
    ...(share < 1 ? [`in slow start at ${Math.round(100 * share)} %`] : []),
    ...(isBeyondZone ? ["for calls that leave the zone"] : []),
  ];
  return ["eligible", ...notes].join(", ");
}

interface Flaw {
  readonly name: Exclude<MemberSnapshot["standing"], "sound">;
  /** The rest of a sentence that begins with the name. */
  readonly detail: string;
}

/** What speaks against a member, the weightiest first. */
function flawOf(member: MutableMember, nowMs: number): Flaw | undefined {
  const { connectivity, endpoint, ejection, ejectionReason } = member;
  if (connectivity === "unreachable") return { name: "unreachable", detail: ": sessions keep trying" };
  if (member.full) return { name: "full", detail: `: ${member.calls} calls under way (limits.maxCallsPerEndpoint)` };
  if (ejection === "ejected") {
    const whenBack = `${member.probed ? "probed" : "back"} in ${seconds(member.ejectedUntilMs - nowMs)}`;
    return { name: "ejected", detail: ` after ${ejectionReason}, ${whenBack}` };
  }
  if (ejection === "probing") {
    return { name: "probing", detail: member.probes > 0 ? ": waits for the answer to its one call" : ": one call decides" };
  }
  if (nowMs < member.restUntilMs) {
    return { name: "overloaded", detail: `: asked to be left alone, for ${seconds(member.restUntilMs - nowMs)} more` };
  }
  if (endpoint.health !== "healthy") return { name: endpoint.health, detail: ": discovery says so" };
  if (nowMs < member.drainingUntilMs) return { name: "draining", detail: ": its report says so" };
  if (member.lost) return { name: "connecting", detail: " again after it was unreachable" };
  return connectivity === "connecting" ? { name: "connecting", detail: ": used when no healthy one is connected" } : undefined;
}

function summaryOf(member: MutableMember, nowMs: number): string {
  const name = flawOf(member, nowMs)?.name ?? member.connectivity;
  return name === "ejected" ? `ejected (${member.ejectionReason})` : name;
}

/** "2 unreachable", "1 ready": each kind once, in the order of its first appearance. */
function countEach(kinds: readonly string[]): string[] {
  return [...Map.groupBy(kinds, (kind) => kind)].map(([kind, { length }]) => `${length} ${kind}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
