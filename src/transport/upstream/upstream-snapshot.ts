import type { MemberSnapshot } from "../../balancer/balancer.ts";
import type { RetainedSnapshot } from "../../balancer/shrink-guard.ts";
import type { Notice } from "../../notice.ts";
import type { BalancingSettings } from "../../service-config.ts";
import type { SessionPool } from "../sessions/session-pool.ts";
import type { SessionPhase } from "../sessions/session-state.ts";

/** What a transport knows of its target. */
export interface UpstreamSnapshot {
  /** `waiting` for the first endpoints, `open`, `noSuchService` while the source says so, or `closed`. */
  readonly state: "waiting" | "open" | "noSuchService" | "closed";
  readonly panic: boolean;
  /** The settings in force, and who set them: code, discovery, or nobody. */
  readonly settings: BalancingSettings;
  /** The source's trouble since its last good answer, which stays in force. */
  readonly sourceError?: string;
  /** How long it has been in that trouble, in ms. */
  readonly sourceErrorForMs?: number;
  /** Endpoints that the source has left out, and that are kept because they serve and too few others do. Absent if there are none. */
  readonly retained?: RetainedSnapshot;
  /** How old the endpoints are, in ms, where they come from a snapshot file: the control plane has not said anything yet. Absent otherwise. */
  readonly snapshotAgeMs?: number;
  /** What was asked for and does nothing, such as a zone that no endpoint is in. Empty when all is well. */
  readonly notices: readonly Notice[];
  /** Those that this client knows: with the `subset` option not all there are. */
  readonly endpoints: readonly EndpointSnapshot[];
}

/** What a transport knows of an endpoint. */
export interface EndpointSnapshot extends MemberSnapshot {
  readonly sessions: readonly {
    readonly phase: SessionPhase;
    readonly streams: number;
    /** Cancelled by us, and maybe not read by the server yet: they count as open for 2 s at most. */
    readonly unreadCancels: number;
    /** What the server allows. */
    readonly maxStreams: number;
  }[];
  /** Why the last connection could not be made; absent once one could. */
  readonly lastFailure?: string;
}

/** What the balancer knows of an endpoint, and what its sessions show. */
export function endpointSnapshot(member: MemberSnapshot, pool: SessionPool | undefined): EndpointSnapshot {
  const sessions = (pool?.sessions ?? []).map(({ phase, streams, unreadCancels, maxStreams }) => ({
    phase,
    streams,
    unreadCancels,
    maxStreams,
  }));
  const lastFailure = pool?.lastFailure;
  return { ...member, sessions, ...(lastFailure !== undefined && { lastFailure }) };
}
