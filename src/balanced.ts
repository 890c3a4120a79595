import type * as http2 from "node:http2";
import { isIP } from "node:net";
import { assertChecked, optionsOf, required, such } from "./check-options.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { type BalancingOptions, balancingTransportChecks, wireTransport } from "./create-balanced-transport.ts";
import { checkTarget, type EndpointSource } from "./discovery/endpoint-source.ts";
import { hostAndPort } from "./host-and-port.ts";
import { checkAuthority, hostOf } from "./transport/authority.ts";
import type { BalancedTransport } from "./transport/balanced-transport.ts";
import { detectProtocol, type TransportFactory } from "./transport/connect/detect-protocol.ts";
import { type ProtocolOptions, protocolChecks } from "./transport/connect/protocol-options.ts";
import { type NodeSessionOptions, nodeSessionChecks } from "./transport/sessions/session-options.ts";
import { checkTls, type TlsOptions } from "./transport/tls/tls-options.ts";

/** The part of connect-node's transport options that is read here. */
export interface NodeTransportOptions extends ProtocolOptions, NodeSessionOptions {
  readonly baseUrl: string;
  readonly httpVersion?: string;
  readonly sessionManager?: unknown;
  readonly nodeOptions?: object;
}

/** Options of `balanced`, beside those that the factory is given. */
export interface BalancedOptions extends BalancingOptions {
  /** Where endpoints come from, if not from the DNS name in `baseUrl`. */
  readonly target?: string | EndpointSource | undefined;
  /** Beside `nodeOptions`, for an `https:` URL: `files` takes certificates from files and follows them, `spiffe` checks the server's SPIFFE ID. */
  readonly tls?: TlsOptions | undefined;
}

const check = optionsOf<BalancedOptions>({ ...balancingTransportChecks, target: checkTarget, tls: checkTls });

/** What else there is belongs to connect-node. */
const checkTheirs = optionsOf<NodeTransportOptions>(
  {
    ...protocolChecks,
    ...nodeSessionChecks,
    baseUrl: required(such('an http or https URL, such as "http://checkout.shop:8080"', isHttpUrl)),
    httpVersion: such(`"2", since HTTP/1.1 can't be balanced per call (h2c works without TLS)`, (version) => version === "2"),
    sessionManager: such("nothing: meshless keeps sessions of its own, which the session option tunes", () => false),
    nodeOptions: optionsOf({}, "any"),
  },
  "any",
);

/**
 * Balances a client that exists: takes the factory and the very options that it was created with.
 *
 * A host name in `baseUrl` becomes a `dns:` target and stays the `:authority`; an IP address stays the one endpoint. `https:` turns
 * TLS on, with `nodeOptions`; ping and idle options are taken over.
 *
 * @param factory `createConnectTransport`, `createGrpcTransport` or `createGrpcWebTransport` of `@connectrpc/connect-node`
 * @throws ConfigurationError for a bad option; for `httpVersion: "1.1"` and `sessionManager` too, which leave nothing to balance
 * @throws Error for a certificate or a key that can't be read
 */
export function balanced<Options extends NodeTransportOptions>(
  factory: TransportFactory<Options>,
  theirs: Options,
  options: BalancedOptions = {},
): BalancedTransport {
  assertChecked<NodeTransportOptions>(theirs, checkTheirs);
  assertChecked(options, check);
  const { pingIntervalMs, pingTimeoutMs, pingIdleConnection, idleConnectionTimeoutMs } = theirs;
  const url = new URL(theirs.baseUrl);
  assertChecked(url.host, checkAuthority, "baseUrl");
  const secure = url.protocol === "https:";
  if (options.tls !== undefined && !secure)
    throw new ConfigurationError(`tls: it is for https URLs; write "https://${url.host}" as baseUrl, or leave it out`);
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

function isHttpUrl(text: unknown): boolean {
  return typeof text === "string" && /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}

function targetOf(url: URL): string {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const host = hostOf(url.hostname);
  return `${isIP(host) === 0 ? "dns" : "static"}:///${hostAndPort(host, port)}`;
}
