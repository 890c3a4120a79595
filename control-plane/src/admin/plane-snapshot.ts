import type { LoadFigures } from "../load/recent-load.ts";
import type { ResourceType } from "../resource.ts";
import type { ServiceEndpoint } from "../service.ts";

/** What `GET /snapshot.json` of the admin port answers. Times are in ms; nothing tells the time of day. */
export interface PlaneSnapshot {
  /** Of this layout. A field may be added to it, none is changed. */
  readonly version: 1;
  /** Asked sooner, the page answers the same again. */
  readonly nextInMs: number;
  readonly process: { readonly pid: number; readonly node: string; readonly upForMs: number };
  readonly registry: RegistryState;
  /** Streams that are open. */
  readonly streams: number;
  /** Of them, those that refuse what they were sent, and those that have yet to accept a change. */
  readonly refusing: number;
  readonly behind: number;
  readonly propagation: PropagationFigures;
  /** Of all services and clients together. */
  readonly load: LoadFigures;
  readonly services: readonly ServiceRow[];
  /** How many services there are beyond those that are listed. */
  readonly servicesLeftOut: number;
  /** Those that refuse something first, then those that are behind. With `?service=`, those alone that ask for it. */
  readonly clients: readonly ClientRow[];
  readonly clientsLeftOut: number;
  /** Of the service that was asked for by `?service=checkout.shop:8080`. Absent if there is none. */
  readonly service?: ServiceDetails;
}

/** Where services come from, and what of it is served. */
export interface RegistryState {
  /** Such as `file:services.yaml`. */
  readonly description: string;
  /** Whether it has told all that there is. Until then nothing is served. */
  readonly isComplete: boolean;
  /** What lives on its last good state: `registry`, `TLS`, `allow-list`. */
  readonly troubles: readonly string[];
  readonly services: number;
  readonly endpoints: number;
  /** Endpoints at addresses where none may be. */
  readonly refusedEndpoints: number;
}

/** How long changes took, from the registry's word until a client had accepted them: of the latest thousand, of the last five minutes. */
export interface PropagationFigures {
  readonly changes: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly maxMs?: number;
}

/** One port of a service, in short. */
export interface ServiceRow {
  /** Such as `checkout.shop:8080`. */
  readonly name: string;
  readonly portName?: string;
  readonly fallback: readonly string[];
  readonly endpoints: HealthCounts;
  /** By zone and cluster, the largest first. */
  readonly places: readonly PlaceCount[];
  readonly clients: ClientCounts;
  /** Absent where nobody has reported any. */
  readonly load?: LoadFigures;
}

/** How many endpoints there are of each state of health. */
export type HealthCounts = Readonly<Record<ServiceEndpoint["health"], number>>;

/** Where endpoints are. What is not known is empty; the control plane's own cluster is as well. */
export interface Place {
  readonly region: string;
  readonly zone: string;
  readonly cluster: string;
}

/** How many endpoints there are at a place. */
export interface PlaceCount extends Place {
  readonly endpoints: HealthCounts;
}

/** How many clients ask for the endpoints of a service; of them, those that refused what they were sent, and those that have yet to accept a change. */
export interface ClientCounts {
  readonly asking: number;
  readonly refusing: number;
  readonly behind: number;
}

/** One port of a service, with its endpoints. */
export interface ServiceDetails {
  readonly name: string;
  /** Of its endpoints as they are now. */
  readonly version: string;
  readonly endpoints: readonly ServiceEndpoint[];
  readonly endpointsLeftOut: number;
  readonly loadByZone: readonly (Omit<Place, "cluster"> & LoadFigures)[];
}

/** One stream of a client. But for `identity`, it says itself who it is. */
export interface ClientRow {
  /** Different for each stream. */
  readonly id: number;
  readonly peer: string;
  /** What its certificate or token has shown. */
  readonly identity?: string;
  readonly node: string;
  readonly agent: string;
  readonly zone: string;
  /** Incremental, or state of the world. */
  readonly variant: "delta" | "sotw";
  readonly openForMs: number;
  readonly responses: number;
  /** Of its latest change: how long until it had accepted it. */
  readonly propagatedMs?: number;
  readonly standing: Standing;
  readonly types: readonly ClientType[];
  /** With `?service=`: the version of its endpoints that the client was sent; empty: none. */
  readonly has?: string;
}

/** Of a client, or of what it asks for of one type: it `refused` what it was sent, is `behind` (something is to be sent, or to be accepted), or `current`. */
export type Standing = "refused" | "behind" | "current";

/** What a client asks for of one type of resource. */
export interface ClientType {
  readonly type: ResourceType;
  /** How many names it asks for. */
  readonly names: number;
  readonly wantsAll: boolean;
  readonly standing: Standing;
  /** Why it refused the last response, in its own words. */
  readonly refusal?: string;
}
