import type { EndpointHealth, PolicyRules, RetryRules, ServiceSettings } from "../service.ts";

/** A service as a person writes it, in a program or in a file: without its name, and with what may be left out. */
export interface ServiceDefinition extends Omit<ServiceSettings, "clients" | "retry" | "policy"> {
  /** Another name for the port, such as `grpc`: 1 to 15 characters of a-z, 0-9 and -. Default: none. */
  readonly portName?: string | undefined;
  /** Names of services whose endpoints are called when this one has none that serve, in this order, 16 at most. Default: none. */
  readonly fallback?: readonly string[] | undefined;
  /** Each as `IP:port`, IPv6 in brackets, or as an object. Default: none, which has clients fail their calls. */
  readonly endpoints?: readonly (string | EndpointDefinition)[] | undefined;
  /** As {@link ServiceSettings.clients}, or as one text with commas. */
  readonly clients?: string | readonly string[] | undefined;
  /** Default: clients repeat what they do by themselves. */
  readonly retry?: RetryDefinition | undefined;
  /** With its parameters, or its name alone. Default: `powerOfTwo`. */
  readonly policy?: PolicyRules | PolicyRules["name"] | undefined;
}

/** An endpoint as a person writes it. */
export interface EndpointDefinition {
  /** An IP address: xDS has no names here. */
  readonly address: string;
  /** 1 to 65,535. */
  readonly port: number;
  /** Same id, same endpoint. Default: address and port. */
  readonly id?: string | undefined;
  /** Default: not known. */
  readonly region?: string | undefined;
  /** Default: not known. */
  readonly zone?: string | undefined;
  /** A whole number from 1 to 1,000,000, relative to those of the other endpoints. Default 1. */
  readonly weight?: number | undefined;
  /** 0 is preferred, up to 127 help out. Default 0. */
  readonly priority?: number | undefined;
  /** Default `healthy`. */
  readonly health?: EndpointHealth | undefined;
  /** At most 64. Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** When a client is to make a call again, as a person writes it. */
export interface RetryDefinition extends Pick<RetryRules, "on" | "perTryTimeoutMs"> {
  /** Without the first attempt, 1 to 10. Default 1. */
  readonly maxRetries?: number | undefined;
  /** Before the first repeat, in ms; it doubles with each. Default 25. */
  readonly backoffMs?: number | undefined;
  /** Where that ends, in ms. Default: ten times `backoffMs`. */
  readonly maxBackoffMs?: number | undefined;
}
