import type { AllowRules } from "./access/allow-list.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Registry } from "./registry/registry.ts";
import type { TlsServerFiles } from "./server/tls-server.ts";
import type { StreamLimits } from "./xds/stream-host.ts";

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
   * Needs `tls.clientCa`. Default: everybody may have everything.
   */
  readonly allowList?: AllowRules | string;
  /** How often clients that have their clusters from here report their load, in ms. Default: not at all; who reports by itself does so once a minute. */
  readonly loadReportIntervalMs?: number;
  /** What clients may cost. */
  readonly limits?: Partial<StreamLimits>;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Default: the real clock. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: () => number;
}

export const defaultLimits: StreamLimits = { maxStreams: 10_000, maxNames: 20_000, maxNewPerSecond: 1_000, maxAgeMs: 6 * 3_600_000 };
