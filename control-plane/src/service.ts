import { isIP } from "node:net";

/** With which endpoints calls stay while those have room: of the client's zone; of its node, else of its zone; of its node and no others. */
export type Affinity = "zone" | "node" | "nodeOnly";

/** What the registry says of an endpoint. `unhealthy` and `draining` ones are listed, since they count in the ratios by which clients leave a zone or a priority. */
export type EndpointHealth = "healthy" | "unhealthy" | "draining";

/** An address that serves. Immutable: a change is a new object, and what was made of one that stays is kept. */
export interface ServiceEndpoint {
  /** Same id = same endpoint. An IP that another process took over is a new id. */
  readonly id: string;
  /** An IP address: xDS has no names here. */
  readonly address: string;
  /** 1 to 65,535. */
  readonly port: number;
  /** Empty where it is not known. */
  readonly region: string;
  /** Empty where it is not known. */
  readonly zone: string;
  /** A whole number above 0, relative to those of the service's other endpoints. */
  readonly weight: number;
  /** 0 is preferred; 1, 2, ... take what those of lower number can't. */
  readonly priority: number;
  /** All are told to clients, who prefer the healthy ones. */
  readonly health: EndpointHealth;
  /** Free-form. `shard` and `node` mean something to clients. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What bounds the load that each client makes. What is not said is the client's to choose. */
export interface CircuitBreaker {
  /** Calls that a client may have under way at once. */
  readonly maxRequests?: number | undefined;
  /** So much of the calls under way may be repeats, in percent. */
  readonly retryBudgetPercent?: number | undefined;
  /** So many of them may be, however few calls there are. */
  readonly minRetries?: number | undefined;
}

/** When a client is to make a call again. */
export interface RetryRules {
  /** Names of status codes as gRPC's clients know them, and conditions of Envoy's. */
  readonly on: readonly string[];
  /** Without the first attempt. */
  readonly maxRetries: number;
  /** Of each attempt, in ms. gRPC's clients don't know it. */
  readonly perTryTimeoutMs?: number | undefined;
  /** Before the first repeat, in ms; it doubles with each. */
  readonly backoffMs: number;
  /** Where that ends, in ms. */
  readonly maxBackoffMs: number;
}

/** How clients choose an endpoint, by the names of our own policies. Clients of gRPC and Envoy do it by theirs. */
export type PolicyRules =
  /** The least busy of so many at random. */
  | { readonly name: "powerOfTwo"; readonly choices?: number | undefined }
  /** One after the other. */
  | { readonly name: "roundRobin" }
  /** By what servers report of their load. */
  | { readonly name: "weightedRoundRobin" };

/** When endpoints that fail are left out for a while (gRFC A50). What is not said is the client's to choose. */
export interface EjectionRules {
  /** How often endpoints are judged, in ms. */
  readonly intervalMs?: number | undefined;
  /** How long an endpoint is out the first time, in ms; longer with each further one. */
  readonly baseEjectionMs?: number | undefined;
  /** How long it is out at most, in ms. */
  readonly maxEjectionMs?: number | undefined;
  /** How many of all endpoints may be out at a time. */
  readonly maxEjectionPercent?: number | undefined;
  /** Failures in a row. Envoy's alone. */
  readonly consecutiveFailures?: number | undefined;
  /** Those are out whose share of successes is below the mean by so many thousandths of a standard deviation. */
  readonly successRateEjection?: (Enforcement & { readonly stdevFactor?: number | undefined }) | undefined;
  /** Those are out of whose calls more than so many percent fail. */
  readonly failurePercentageEjection?: (Enforcement & { readonly threshold?: number | undefined }) | undefined;
}

/** When endpoints are compared, and what comes of it. */
export interface Enforcement {
  /** With what probability one that is found wanting is put out, in percent. */
  readonly enforcementPercentage?: number | undefined;
  /** How many endpoints with enough calls there have to be. */
  readonly minimumHosts?: number | undefined;
  /** How many calls within an interval are enough. */
  readonly requestVolume?: number | undefined;
}

/** How endpoints that are new get more and more of their share. Envoy's, and our own clients'. */
export interface SlowStartRules {
  /** How long until they have all of it, in ms. */
  readonly windowMs: number;
  /** 0 to 1, of their share, to begin with. */
  readonly minShare?: number | undefined;
}

/** How a service is called, as far as it is not left to clients, and by whom. */
export interface ServiceSettings {
  /**
   * Who may have it besides its own namespace, in a control plane that is closed: a namespace such as `shop`, one of its ServiceAccounts such as `shop/cart`,
   * or `*` for everybody. Default: nobody.
   */
  readonly clients?: readonly string[] | undefined;
  /** Default: what clients do by themselves. */
  readonly circuitBreaker?: CircuitBreaker | undefined;
  /** Without it, clients repeat what they do by themselves. */
  readonly retry?: RetryRules | undefined;
  /** Default: the least busy of two. */
  readonly policy?: PolicyRules | undefined;
  /** Default: what clients do by themselves. */
  readonly ejection?: EjectionRules | undefined;
  /** Default: what clients do by themselves. */
  readonly slowStart?: SlowStartRules | undefined;
  /**
   * With which endpoints the calls of a client stay while those have room: those of its zone; those of its node, by their label `node`, or else of its zone; or
   * those of its node and no others. Our own clients' alone. Default: its zone.
   */
  readonly affinity?: Affinity | undefined;
}

/** One port of a service, and all that serves there. Immutable: a change is a new object. */
export interface Service extends ServiceSettings {
  /** Of the port too: each port of what Kubernetes calls a Service is one. */
  readonly name: ServiceName;
  /** Such as `grpc`: another name for the port. */
  readonly portName: string | undefined;
  /** Names of services whose endpoints are called when this one has none that serve, in this order. */
  readonly fallback: readonly string[];
  /** All there are, in any state of health. */
  readonly endpoints: readonly ServiceEndpoint[];
}

/** `service.namespace:port`, and its parts. */
export interface ServiceName {
  /** Such as `checkout.shop:8080`. */
  readonly text: string;
  /** Such as `checkout.shop`. */
  readonly host: string;
  readonly port: number;
}

/** Address and port as a text, which is an endpoint's id if it has no other. */
export function addressText({ address, port }: Pick<ServiceEndpoint, "address" | "port">): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
