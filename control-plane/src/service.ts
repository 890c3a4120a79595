import { isIP } from "node:net";

export type Affinity = "zone" | "node" | "nodeOnly";

/** `unhealthy` and `draining` ones are listed, since they count in the ratios by which clients leave a zone or a priority. */
export type EndpointHealth = "healthy" | "unhealthy" | "draining";

/** An address that serves. Immutable: a change is a new object, and what was made of one that stays is kept. */
export interface ServiceEndpoint {
  /** Same id = same endpoint. An IP that another process took over is a new id. */
  readonly id: string;
  /** An IP address: xDS has no names here. */
  readonly address: string;
  readonly port: number;
  /** Empty where it is not known. */
  readonly region: string;
  /** Empty where it is not known. */
  readonly zone: string;
  /** A whole number above 0, relative to those of the service's other endpoints. */
  readonly weight: number;
  /** 0 is preferred. */
  readonly priority: number;
  readonly health: EndpointHealth;
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
  /** Of each attempt. gRPC's clients don't know it. */
  readonly perTryTimeoutMs?: number | undefined;
  /** Before the first repeat; it doubles with each. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

/** How clients choose an endpoint, by the names of our own policies. Clients of gRPC and Envoy do it by theirs. */
export type PolicyRules =
  /** The least busy of so many at random. */
  | { readonly name: "powerOfTwo"; readonly choices?: number | undefined }
  | { readonly name: "roundRobin" }
  /** By what servers report of their load. */
  | { readonly name: "weightedRoundRobin" };

/** When endpoints that fail are left out for a while (gRFC A50). What is not said is the client's to choose. */
export interface EjectionRules {
  readonly intervalMs?: number | undefined;
  readonly baseEjectionMs?: number | undefined;
  readonly maxEjectionMs?: number | undefined;
  readonly maxEjectionPercent?: number | undefined;
  /** Failures in a row. Envoy's alone. */
  readonly consecutiveFailures?: number | undefined;
  readonly successRateEjection?: (Enforcement & { readonly stdevFactor?: number | undefined }) | undefined;
  readonly failurePercentageEjection?: (Enforcement & { readonly threshold?: number | undefined }) | undefined;
}

interface Enforcement {
  readonly enforcementPercentage?: number | undefined;
  readonly minimumHosts?: number | undefined;
  readonly requestVolume?: number | undefined;
}

/** How endpoints that are new get more and more of their share. Envoy's, and our own clients'. */
export interface SlowStartRules {
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
  readonly circuitBreaker?: CircuitBreaker | undefined;
  /** Without it, clients repeat what they do by themselves. */
  readonly retry?: RetryRules | undefined;
  /** Default: the least busy of two. */
  readonly policy?: PolicyRules | undefined;
  readonly ejection?: EjectionRules | undefined;
  readonly slowStart?: SlowStartRules | undefined;
  /**
   * With which endpoints the calls of a client stay while those have room: those of its zone; those of its node, by their label `node`, or else of its zone; or
   * those of its node and no others. Our own clients' alone. Default: its zone.
   */
  readonly affinity?: Affinity | undefined;
}

/** One port of a service, and all that serves there. Immutable: a change is a new object. */
export interface Service extends ServiceSettings {
  readonly name: ServiceName;
  /** Such as `grpc`: another name for the port. */
  readonly portName: string | undefined;
  /** Names of services whose endpoints are called when this one has none that serve, in this order. */
  readonly fallback: readonly string[];
  readonly endpoints: readonly ServiceEndpoint[];
}

/** Such as `checkout.shop:8080`. */
export interface ServiceName {
  readonly text: string;
  /** Such as `checkout.shop`. */
  readonly host: string;
  readonly port: number;
}

/** Address and port as a text, which is an endpoint's id if it has no other. */
export function addressText({ address, port }: Pick<ServiceEndpoint, "address" | "port">): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
