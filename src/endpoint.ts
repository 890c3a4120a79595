/** What discovery says of an endpoint. `unhealthy` and `draining` ones stay listed: they count in the ratios. */
export type EndpointHealth = "healthy" | "unhealthy" | "draining";

/** Where an endpoint runs. Both parts are opaque names, such as `eu-central-1` and `eu-central-1a`. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
}

/** An address that serves. Immutable: a source describes a change with a new object of the same {@link id}. */
export interface Endpoint {
  /** Same id = same endpoint, and what was learned of it is kept. An IP that another pod took over is a new id. */
  readonly id: string;
  /** IP address or host name to dial. Never used as the `:authority` of a call, unless nothing better is known. */
  readonly address: string;
  /** TCP port, 1 to 65535. */
  readonly port: number;
  /** Relative weight, > 0. */
  readonly weight: number;
  /** 0 is preferred; higher numbers are the fallback levels. */
  readonly priority: number;
  readonly health: EndpointHealth;
  readonly locality?: Locality;
  /** Free-form attributes from discovery, such as `shard`. */
  readonly labels: Readonly<Record<string, string>>;
}
