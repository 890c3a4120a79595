import type { EndpointSource } from "../../src/discovery/endpoint-source.ts";
import type { RandomSource } from "../../src/random-source.ts";
import type { ManualClock } from "../../src/testing/manual-clock.ts";
import { defaultSessionOptions, type SessionOptions } from "../../src/transport/sessions/session-options.ts";
import type { EndpointSnapshot } from "../../src/transport/upstream/upstream-snapshot.ts";
import type { FakeNetwork } from "./fake-network.ts";

/** A call of the model. */
export interface CallSpec {
  readonly idempotent: boolean;
  readonly isStream: boolean;
  /** Something of the user's holds each attempt back between its place on a session and its stream. */
  readonly gated: boolean;
  /** A stream's reader stops after the first message. */
  readonly stopsEarly: boolean;
}

/** The name of the request header that carries a call's id. */
export const callHeader = "x-call";

/** What stands around each attempt, as an attempt interceptor of the user would. */
export interface AttemptHooks {
  /** Resolves when the attempt may go on; rejects when its signal is aborted. */
  beforeOpen(callId: number, signal: AbortSignal): Promise<void>;
  /** Rejects when the attempt is to fail on our own side; never resolves. */
  fault(callId: number): Promise<never>;
}

export interface SystemEnv {
  readonly network: FakeNetwork;
  readonly clock: ManualClock;
  readonly random: RandomSource;
  readonly source: EndpointSource;
  readonly hooks: AttemptHooks;
  /** Whether sessions that are lost are followed by others at once. Default true. */
  readonly reopens?: boolean;
}

/** What is under test: calls go in, sessions are dialled on the fake network. */
export interface System {
  call(callId: number, spec: CallSpec, signal: AbortSignal): Promise<void>;
  endpoints(): readonly Pick<EndpointSnapshot, "endpoint" | "connectivity" | "inFlight" | "sessions">[];
  close(graceMs: number): Promise<void>;
  /** Leases that are held, where the system can tell. */
  readonly leases?: number;
}

export const modelTarget = "model:///endpoints";
export const endpointsTimeoutMs = 10_000;
export const modelSessionOptions: SessionOptions = { ...defaultSessionOptions, maxSessionsPerEndpoint: 3 };
