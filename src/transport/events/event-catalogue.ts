import { type Channel, channel } from "node:diagnostics_channel";
import type { BalancerEvent } from "../../balancer/balancer-event.ts";
import type { ShrinkGuardEvent } from "../../balancer/shrink-guard.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { LogLevel } from "../../logger.ts";
import type { Notice } from "../../notice.ts";

/** What a transport tells of its endpoints and sessions. */
export type TransportEvent =
  | BalancerEvent
  | ShrinkGuardEvent
  | { readonly type: "sessionOpened"; readonly endpoint: Endpoint }
  /** `disconnectError`: the reason in gRPC's words, which are few. `wasOpen`: false if no connection could be made. */
  | {
      readonly type: "sessionClosed";
      readonly endpoint: Endpoint;
      readonly reason: string;
      readonly disconnectError: string;
      readonly wasOpen: boolean;
    }
  /** How long the server took to answer a PING. */
  | { readonly type: "pingAnswered"; readonly endpoint: Endpoint; readonly durationMs: number }
  /** The source told so many endpoints; undefined: there is no such service. It may have said the same before. */
  | { readonly type: "endpointsUpdated"; readonly listed: number | undefined }
  | { readonly type: "endpointReady"; readonly endpoint: Endpoint }
  | { readonly type: "endpointUnreachable"; readonly endpoint: Endpoint; readonly reason: string }
  /** Certificates were read anew; sessions are replaced one after the other. */
  | { readonly type: "credentialsRenewed" }
  /** Certificate files hold nothing of use; what was read before stays. */
  | { readonly type: "credentialsError"; readonly error: Error }
  /** An endpoint can't be reached with renewed certificates; its old sessions stay while they last. */
  | { readonly type: "renewalFailed"; readonly endpoint: Endpoint; readonly reason: string }
  | { readonly type: "sourceError"; readonly error: Error }
  | ({ readonly type: "notice" } & Notice);

/** Where events of one type are published, how they are logged, and how they read. */
interface EventKind<Event> {
  readonly channel: Channel;
  readonly level: LogLevel;
  readonly sentence: (event: Event) => string;
}

const eventCatalogue: { readonly [Type in TransportEvent["type"]]: EventKind<Extract<TransportEvent, { readonly type: Type }>> } = {
  endpointAdded: kind("endpoint:added", "debug", ({ endpoint }) => `endpoint ${endpoint.id} added`),
  endpointRemoved: kind("endpoint:removed", "debug", ({ endpoint }) => `endpoint ${endpoint.id} removed`),
  endpointEjected: kind(
    "endpoint:ejected",
    "warn",
    ({ endpoint, forMs, reason }) => `endpoint ${endpoint.id} ejected for ${Math.round(forMs)} ms: ${reason}`,
  ),
  endpointReadmitted: kind("endpoint:readmitted", "info", ({ endpoint }) => `endpoint ${endpoint.id} readmitted`),
  endpointReady: kind("endpoint:ready", "debug", ({ endpoint }) => `endpoint ${endpoint.id} ready`),
  endpointUnreachable: kind("endpoint:unreachable", "warn", ({ endpoint, reason }) => `endpoint ${endpoint.id} unreachable: ${reason}`),
  panicChanged: kind("balancer:panic", "warn", ({ panic, eligible, total }) =>
    panic
      ? `panic: only ${eligible} of ${total} endpoints are eligible, ejections are ignored`
      : `panic is over: ${eligible} of ${total} endpoints are eligible`,
  ),
  endpointsRetained: kind(
    "endpoints:retained",
    "warn",
    ({ retained, listed, served, forMs }) =>
      `the source lists ${listed} endpoints where ${served} served, and too few of them do: ${retained} others that do are retained for at most ${forMs / 1_000} s`,
  ),
  endpointsReleased: kind("endpoints:released", "info", ({ reason }) => `no endpoint is retained any more: ${reason}`),
  sessionOpened: kind("session:opened", "debug", ({ endpoint }) => `session to ${endpoint.id} opened`),
  endpointsUpdated: kind("endpoints:updated", "debug", ({ listed }) =>
    listed === undefined ? "the source says that there is no such service" : `the source lists ${listed} endpoints`,
  ),
  pingAnswered: kind(
    "session:ping",
    "debug",
    ({ endpoint, durationMs }) => `endpoint ${endpoint.id} answered a ping after ${durationMs.toFixed(1)} ms`,
  ),
  sessionClosed: kind("session:closed", "debug", ({ endpoint, reason }) => `session to ${endpoint.id} closed: ${reason}`),
  credentialsRenewed: kind("credentials:renewed", "info", () => "TLS certificates renewed"),
  credentialsError: kind("credentials:error", "warn", ({ error }) => error.message),
  renewalFailed: kind(
    "credentials:refused",
    "warn",
    ({ endpoint, reason }) => `endpoint ${endpoint.id} can't be reached with the renewed certificates: ${reason}`,
  ),
  sourceError: kind("source:error", "warn", ({ error }) => error.message),
  notice: kind("source:notice", "warn", ({ message }) => message),
  plugInFailed: kind(
    "plug-in:failed",
    "error",
    ({ plugIn, method, error }) => `the ${plugIn} failed in ${method}, which is told once: ${error.message}`,
  ),
};

/** What the catalogue has of the event's type. */
export function kindOf(event: TransportEvent): EventKind<TransportEvent> {
  return eventCatalogue[event.type] as EventKind<TransportEvent>;
}

function kind<Event>(name: string, level: LogLevel, sentence: (event: Event) => string): EventKind<Event> {
  return { channel: channel(`meshless:${name}`), level, sentence };
}
