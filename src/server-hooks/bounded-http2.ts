import type { SecureServerOptions, ServerOptions } from "node:http2";

/**
 * Options for `http2.createServer` or `createSecureServer` that bound what one client can cost. Yours win; `settings` are merged. Node.js bounds some of this by itself:
 * it is written down so that no other version moves it. What is not here has no better bound than Node's own: CONTINUATION frames (8 for a header
 * block), header lists (64 KiB), glitches such as MadeYouReset (1,000, then 33 per second).
 *
 * ```ts
 * const server = protect(http2.createServer(boundedHttp2Options(), guarded(connectNodeAdapter({ routes }))));
 * ```
 */
export function boundedHttp2Options<Options extends SecureServerOptions>(options: Options = {} as Options): Options & ServerOptions {
  return { ...bounds, ...options, settings: { ...bounds.settings, ...options.settings } };
}

const bounds = {
  settings: {
    /**
     * Calls that one connection may have open. Node.js sets no limit: 20,000 open streams hold 460 MB and the event loop for more than a
     * second (measured). Not 100, as often advised: connect-node has one connection, and queues calls beyond the limit without a word.
     * Node.js enforces what it advertises, and counts a cancelled stream until its event loop has come round.
     */
    maxConcurrentStreams: 250,
  },
  /** Header fields of one request, pseudo-headers included; more, and the stream is reset. */
  maxHeaderListPairs: 128,
  /** Entries of one SETTINGS frame; more, and the connection is closed. */
  maxSettings: 32,
  /** MB that a connection may hold; above it new streams are turned away. Existing ones may exceed it. */
  maxSessionMemory: 10,
  /** PINGs of ours without an answer. */
  maxOutstandingPings: 10,
  /** Invalid frames, streams beyond `maxConcurrentStreams` included, until the connection is closed. */
  maxSessionInvalidFrames: 1_000,
  /**
   * Streams in a row that are turned away, above `maxConcurrentStreams` or for lack of memory, until the connection is closed with all of its
   * calls. A server that lags behind the cancels of a client easily turns away the 100 that Node.js allows.
   */
  maxSessionRejectedStreams: 1_000,
  /**
   * Resets (CVE-2023-44487, rapid reset): so many at once, and so many per second from there on; more close the connection with all of its calls.
   * Node.js allows 33 per second, but an honest client resets every call whose caller is gone or whose deadline has passed: hundreds per second where
   * a server is slow, and one that lags reads those of some seconds at once. `protect` tells them from an attack, and closes that sooner.
   */
  streamResetBurst: 2_000,
  streamResetRate: 1_000,
  /** TLS connections that speak neither HTTP/2 nor HTTP/1.1: closed after this time, in ms. Node.js gives them 100 s. */
  unknownProtocolTimeout: 10_000,
} as const satisfies ServerOptions;
