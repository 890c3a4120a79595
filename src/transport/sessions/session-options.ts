import { durationMs, flag, givenOf, number, type OptionChecks, optionsOf, whole } from "../../check-options.ts";

/** How HTTP/2 sessions are kept. Every field is optional for users; see {@link defaultSessionOptions}. */
export interface SessionOptions {
  /** From the start of the dial to the peer's SETTINGS, in ms: covers TCP, TLS and a peer that accepts and says nothing. Default 5000. */
  readonly connectTimeoutMs: number;
  /**
   * While calls are open, a PING is sent this often, in ms. 0 turns pings off. Default 30 000.
   * A peer that answers `too_many_pings` is pinged less often: after 5 minutes, the minimum of gRPC's servers, then after twice as long each time,
   * up to a day.
   * Equivalent to GRPC_ARG_KEEPALIVE_TIME_MS.
   */
  readonly pingIntervalMs: number;
  /** How long a PING may stay unanswered before the session counts as dead and its calls end `unavailable`, in ms. Default 5000. */
  readonly pingTimeoutMs: number;
  /** Also ping sessions without calls. Default false. Equivalent to GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS. */
  readonly pingIdleConnection: boolean;
  /** A session without calls for this long is closed, in ms; the next call opens one anew. 0 keeps it. Default 900 000. */
  readonly idleConnectionTimeoutMs: number;
  /** How many sessions one endpoint may have when its limit of concurrent streams is reached; calls beyond wait. Default 10 (gRFC A105). */
  readonly maxSessionsPerEndpoint: number;
}

export const defaultSessionOptions: SessionOptions = {
  connectTimeoutMs: 5_000,
  pingIntervalMs: 30_000,
  pingTimeoutMs: 5_000,
  pingIdleConnection: false,
  idleConnectionTimeoutMs: 900_000,
  maxSessionsPerEndpoint: 10,
};

/** As users give them: what is undefined is the default. */
export type GivenSessionOptions = { readonly [Name in keyof SessionOptions]?: SessionOptions[Name] | undefined };

/** Those that connect-node has too. */
export type NodeSessionOptions = Omit<GivenSessionOptions, "connectTimeoutMs" | "maxSessionsPerEndpoint">;

export const nodeSessionChecks: OptionChecks<NodeSessionOptions> = {
  pingIntervalMs: durationMs,
  pingTimeoutMs: number({ unit: "milliseconds", from: 1 }),
  pingIdleConnection: flag,
  idleConnectionTimeoutMs: durationMs,
};

export const checkSession = optionsOf<GivenSessionOptions>({
  ...nodeSessionChecks,
  connectTimeoutMs: number({ unit: "milliseconds", from: 1 }),
  maxSessionsPerEndpoint: whole(1),
});

/** Fills in the defaults. */
export function resolveSessionOptions(given: GivenSessionOptions = {}): SessionOptions {
  return { ...defaultSessionOptions, ...givenOf(given) };
}
