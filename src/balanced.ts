import type * as http2 from "node:http2";
import { isIP } from "node:net";
import { type BalancingOptions, wireTransport } from "./create-balanced-transport.ts";
import type { EndpointSource } from "./discovery/endpoint-source.ts";
import { hostAndPort } from "./host-and-port.ts";
import { assertAuthority, hostOf } from "./transport/authority.ts";
import type { BalancedTransport } from "./transport/balanced-transport.ts";
import { detectProtocol, type TransportFactory } from "./transport/connect/detect-protocol.ts";
import type { ProtocolOptions } from "./transport/connect/protocol-options.ts";
import type { TlsOptions } from "./transport/tls/tls-options.ts";

/** The part of connect-node's transport options that is read here. */
interface NodeTransportOptions extends Pick<ProtocolOptions, "interceptors"> {
  readonly baseUrl: string;
  readonly httpVersion?: string;
  readonly sessionManager?: unknown;
  readonly nodeOptions?: object;
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
  readonly pingIdleConnection?: boolean;
  readonly idleConnectionTimeoutMs?: number;
}

export interface BalancedOptions extends BalancingOptions {
  /** Where endpoints come from, if not from the DNS name in `baseUrl`. */
  readonly target?: string | EndpointSource | undefined;
  /** Beside `nodeOptions`, for an `https:` URL: `files` takes certificates from files and follows them, `spiffe` checks the server's SPIFFE ID. */
  readonly tls?: TlsOptions | undefined;
}

/**
 * Balances a client that exists: takes the factory and the very options that it was created with.
 *
 * A host name in `baseUrl` becomes a `dns:` target and stays the `:authority`; an IP address stays the one endpoint. `https:` turns
 * TLS on, with `nodeOptions`; ping and idle options are taken over.
 *
 * @param factory `createConnectTransport`, `createGrpcTransport` or `createGrpcWebTransport` of `@connectrpc/connect-node`
 * @throws TypeError for `httpVersion: "1.1"` and `sessionManager`, which leave nothing to balance
 * @throws Error for a certificate or a key that can't be read
 */
export function balanced<Options extends NodeTransportOptions>(
  factory: TransportFactory<Options>,
  theirs: Options,
  options: BalancedOptions = {},
): BalancedTransport {
  assertBalanceable(theirs);
  const { pingIntervalMs, pingTimeoutMs, pingIdleConnection, idleConnectionTimeoutMs } = theirs;
  const url = parseBaseUrl(theirs.baseUrl);
  const secure = url.protocol === "https:";
  if (options.tls !== undefined && !secure)
    throw new TypeError(`tls is for https URLs; write "https://${url.host}" as baseUrl, or leave it out`);
  const nodeOptions = theirs.nodeOptions as http2.ClientSessionOptions | undefined;
  return wireTransport(
    options.target ?? targetOf(url),
    {
      ...options,
      authority: options.authority ?? url.host,
      session: { pingIntervalMs, pingTimeoutMs, pingIdleConnection, idleConnectionTimeoutMs, ...options.session },
    },
    {
      protocol: detectProtocol(factory, theirs.baseUrl),
      protocolOptions: theirs,
      tls: secure ? { ...nodeOptions, ...options.tls } : undefined,
      plain: secure ? undefined : nodeOptions,
      pathPrefix: url.pathname.replace(/\/+$/, ""),
    },
  );
}

function assertBalanceable({ httpVersion, sessionManager }: NodeTransportOptions): void {
  if (httpVersion !== undefined && httpVersion !== "2") {
    throw new TypeError(`httpVersion "${httpVersion}" can't be balanced per call; use httpVersion: "2" (h2c works without TLS)`);
  }
  if (sessionManager !== undefined) {
    throw new TypeError(
      "sessionManager is not used: meshless keeps sessions of its own; leave it out, and tune them by the session option",
    );
  }
}

function parseBaseUrl(baseUrl: string): URL {
  const url = URL.parse(baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`baseUrl ${JSON.stringify(baseUrl)} is not an http or https URL; write "http://checkout.shop:8080"`);
  }
  assertAuthority(url.host);
  return url;
}

function targetOf(url: URL): string {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const host = hostOf(url.hostname);
  return `${isIP(host) === 0 ? "dns" : "static"}:///${hostAndPort(host, port)}`;
}
