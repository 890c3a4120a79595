import type { AllowRules } from "./access/allow-list.ts";
import type { TokenReviewer } from "./access/token-reviewer.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Registry } from "./registry/registry.ts";
import type { TlsServerFiles } from "./server/tls-server.ts";
import type { StreamLimits } from "./xds/stream-host.ts";

/** What a control plane serves, and to whom. */
export interface ControlPlaneOptions {
  /** Where services come from: `memoryRegistry()`, `fileRegistry(path)`, or your own. */
  readonly registry: Registry;
  /** Addresses and ranges that may be endpoints though they usually are not: loopback, link-local, multicast, metadata services. Default: none. */
  readonly allowAddresses?: readonly string[];
  /** How long a service that is gone is served on, in ms, in case it comes back. Default 10,000. */
  readonly removalGraceMs?: number;
  /** Files for TLS, on the port of xDS; with `clientCa`, clients have to show a certificate. Default: HTTP/2 without TLS. */
  readonly tls?: TlsServerFiles;
  /**
   * Services by patterns, by patterns of clients: `{ "spiffe://example.com/ns/shop/sa/*": ["*.shop:*"] }`. Or the path of a file with them, which is followed.
   * Needs `tls.clientCa` or `tokens`. Default: everybody may have everything, unless `closed` says otherwise.
   */
  readonly allowList?: AllowRules | string;
  /**
   * Tokens of ServiceAccounts by which clients show who they are. Who shows none, and no certificate of `tls.clientCa` either, is not let in. Default: nobody is
   * asked for one.
   */
  readonly tokens?: TokenOptions;
  /**
   * Whether a client has nothing but the services of its own namespace, those whose `clients` name it, and what the allow-list gives it. Needs `tokens`, or
   * `tls.clientCa` with a `trustDomain`. Default: all that is not ruled out by the allow-list may be had.
   */
  readonly closed?: ClosedOptions | boolean;
  /** How often clients that have their clusters from here report their load, in ms. Default: not at all; who reports by itself does so once a minute. */
  readonly loadReportIntervalMs?: number;
  /** What clients may cost; each has a default of its own. */
  readonly limits?: Partial<StreamLimits>;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Default: the real clock. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: () => number;
}

/** How tokens of clients are checked. */
export interface TokenOptions {
  /** Says whether a token is good: `kubernetesReviewer(await kubeconfigClient())`. */
  readonly reviewer: TokenReviewer;
  /** Whom tokens have to be meant for. Default `meshless-control-plane`. */
  readonly audience?: string;
  /** Whether they may come without TLS, where whoever reads along could use them. Default false: without `tls`, they are an error. */
  readonly allowPlaintext?: boolean;
}

/** How the namespace of a client is known, besides by its token. */
export interface ClosedOptions {
  /**
   * Of SPIFFE IDs such as `spiffe://cluster.local/ns/shop/sa/cart`, whose namespaces are those of services. Default: certificates name no namespace, and have
   * what the allow-list gives.
   */
  readonly trustDomain?: string;
}

export const defaultLimits: StreamLimits = { maxStreams: 10_000, maxNames: 20_000, maxNewPerSecond: 1_000, maxAgeMs: 6 * 3_600_000 };
