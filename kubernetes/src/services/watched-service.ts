import type { Affinity, Endpoint } from "meshless";

/** A Service of Kubernetes, with all that serves for it. Immutable: a change is a new object, in which endpoints that stay are the same objects. */
export interface WatchedService {
  readonly namespace: string;
  readonly name: string;
  /** Those over TCP. */
  readonly ports: readonly ServicePort[];
  /** Those of its annotations that are meant for us: their keys begin with `meshless.dev/`. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What a person has to mend, one sentence each, and is ignored. */
  readonly problems: readonly string[];
}

/** A port of a Service, and the endpoints behind it. */
export interface ServicePort {
  /** Of the Service: pods may listen at another one. */
  readonly port: number;
  /** Empty where it has none, or one that looks like a number. */
  readonly name: string;
  readonly endpoints: readonly ServiceEndpoint[];
  /** With whom calls are to stay: `node` by Kubernetes' hints, `nodeOnly` by `internalTrafficPolicy: Local`, else `zone`. */
  readonly affinity: Affinity;
}

/** An endpoint of a Service, of which is known in part where it is. */
export interface ServiceEndpoint extends Omit<Endpoint, "locality"> {
  /** Empty where it is not known. */
  readonly region: string;
  /** Empty where it is not known. */
  readonly zone: string;
  /** Empty where it is not known. */
  readonly node: string;
}

/** What tells a Service from all others of its cluster. */
export type ServiceKey = Pick<WatchedService, "namespace" | "name">;
