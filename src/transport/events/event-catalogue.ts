import { type Channel, channel } from "node:diagnostics_channel";
import type { BalancerEvent } from "../../balancer/balancer-event.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { LogLevel } from "../../logger.ts";
import type { Notice } from "../../notice.ts";

/** Where events of one type are published, how they are logged, and how they read. */
interface EventKind<Details> {
  readonly channel: Channel;
  readonly level: LogLevel;
  readonly sentence: (details: Details) => string;
}

type OfBalancer<T extends BalancerEvent["type"]> = Omit<Extract<BalancerEvent, { readonly type: T }>, "type">;

interface AtEndpoint {
  readonly endpoint: Endpoint;
}

interface AtEndpointFor extends AtEndpoint {
  readonly reason: string;
}

interface WithError {
  readonly error: Error;
}

/** Every type of event that a transport tells of. */
const eventCatalogue = {
  endpointAdded: kind("endpoint:added", "debug", ({ endpoint }: OfBalancer<"endpointAdded">) => `endpoint ${endpoint.id} added`),
  endpointRemoved: kind("endpoint:removed", "debug", ({ endpoint }: OfBalancer<"endpointRemoved">) => `endpoint ${endpoint.id} removed`),
  endpointEjected: kind(
    "endpoint:ejected",
    "warn",
    ({ endpoint, forMs, reason }: OfBalancer<"endpointEjected">) =>
      `endpoint ${endpoint.id} ejected for ${Math.round(forMs)} ms: ${reason}`,
  ),
  endpointReadmitted: kind(
    "endpoint:readmitted",
    "info",
    ({ endpoint }: OfBalancer<"endpointReadmitted">) => `endpoint ${endpoint.id} readmitted`,
  ),
  endpointReady: kind("endpoint:ready", "debug", ({ endpoint }: AtEndpoint) => `endpoint ${endpoint.id} ready`),
  endpointUnreachable: kind(
    "endpoint:unreachable",
    "warn",
    ({ endpoint, reason }: AtEndpointFor) => `endpoint ${endpoint.id} unreachable: ${reason}`,
  ),
  panicChanged: kind("balancer:panic", "warn", ({ panic, eligible, total }: OfBalancer<"panicChanged">) =>
    panic
      ? `panic: only ${eligible} of ${total} endpoints are eligible, ejections are ignored`
      : `panic is over: ${eligible} of ${total} endpoints are eligible`,
  ),
  sessionOpened: kind("session:opened", "debug", ({ endpoint }: AtEndpoint) => `session to ${endpoint.id} opened`),
  sessionClosed: kind("session:closed", "debug", ({ endpoint, reason }: AtEndpointFor) => `session to ${endpoint.id} closed: ${reason}`),
  /** Certificates were read anew; sessions are replaced one after the other. */
  credentialsRenewed: kind<object>("credentials:renewed", "info", () => "TLS certificates renewed"),
  /** Certificate files hold nothing of use; what was read before stays. */
  credentialsError: kind("credentials:error", "warn", ({ error }: WithError) => error.message),
  /** An endpoint can't be reached with renewed certificates; its old sessions stay while they last. */
  renewalFailed: kind(
    "credentials:refused",
    "warn",
    ({ endpoint, reason }: AtEndpointFor) => `endpoint ${endpoint.id} can't be reached with the renewed certificates: ${reason}`,
  ),
  sourceError: kind("source:error", "warn", ({ error }: WithError) => error.message),
  notice: kind("source:notice", "warn", ({ message }: Notice) => message),
  plugInFailed: kind(
    "plug-in:failed",
    "error",
    ({ plugIn, method, error }: OfBalancer<"plugInFailed">) => `the ${plugIn} failed in ${method}, which is told once: ${error.message}`,
  ),
};

type Catalogue = typeof eventCatalogue;
type Event<Type extends string, Kind> = Kind extends EventKind<infer Details> ? Flat<{ readonly type: Type } & Details> : never;
type Flat<T> = { readonly [Key in keyof T]: T[Key] };

/** What a transport tells of its endpoints and sessions. */
export type TransportEvent = { [Type in keyof Catalogue]: Event<Type, Catalogue[Type]> }[keyof Catalogue];

/** What the catalogue has of the event's type. */
export function kindOf(event: TransportEvent): EventKind<TransportEvent> {
  return eventCatalogue[event.type] as EventKind<TransportEvent>;
}

function kind<Details>(name: string, level: LogLevel, sentence: (details: Details) => string): EventKind<Details> {
  return { channel: channel(`meshless:${name}`), level, sentence };
}
