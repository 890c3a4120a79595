import { isIP } from "node:net";

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

/** One port of a service, and all that serves there. Immutable: a change is a new object. */
export interface Service {
  readonly name: ServiceName;
  /** Such as `grpc`: another name for the port. */
  readonly portName: string | undefined;
  /**
   * Who may have it besides its own namespace, in a control plane that is closed: a namespace such as `shop`, one of its ServiceAccounts such as `shop/cart`,
   * or `*` for everybody. Default: nobody.
   */
  readonly clients?: readonly string[] | undefined;
  /** Names of services whose endpoints are called when this one has none that serve, in this order. */
  readonly fallback: readonly string[];
  readonly endpoints: readonly ServiceEndpoint[];
  readonly circuitBreaker?: CircuitBreaker | undefined;
  /** Without it, clients repeat what they do by themselves. */
  readonly retry?: RetryRules | undefined;
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
