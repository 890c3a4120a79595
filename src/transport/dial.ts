import * as http2 from "node:http2";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import type { Endpoint } from "../endpoint.ts";
import type { TlsOptions } from "./session-options.ts";

/** Starts an HTTP/2 connection to an endpoint. */
export type Dial = (endpoint: Endpoint) => http2.ClientHttp2Session;

export interface DialOptions {
  /** TLS options, or undefined for h2c. */
  readonly tls: TlsOptions | undefined;
  /** Options of `http2.connect` for h2c. */
  readonly plain?: http2.ClientSessionOptions | undefined;
  /** The logical host, without a port: what SNI says and what the certificate is checked against. Undefined: the dialled address. */
  readonly serverName: string | undefined;
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function hostAndPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A dialler: the address is the endpoint's, the identity is the service's. */
export function createDial(options: DialOptions): Dial {
  const { tls } = options;
  if (tls === undefined) {
    const plain = withDefaults(options.plain ?? {});
    return (endpoint) => http2.connect(`http://${hostAndPort(endpoint.address, endpoint.port)}`, plain);
  }
  return (endpoint) => {
    const name = options.serverName ?? endpoint.address;
    return http2.connect(`https://${hostAndPort(endpoint.address, endpoint.port)}`, secure(tls, name));
  };
}

function secure(tls: TlsOptions, name: string): http2.SecureClientSessionOptions {
  const check = tls.checkServerIdentity ?? checkServerIdentity;
  return {
    ...withDefaults(tls),
    // SNI carries names only (RFC 6066, 3); a name given by the user wins.
    ...(isIP(name) === 0 && { servername: tls.servername ?? name }),
    checkServerIdentity: (_dialled, certificate) => check(tls.servername ?? name, certificate),
  };
}

/** A server has no business pushing to us, and its pushed streams would only take memory. */
function withDefaults<T extends http2.ClientSessionOptions>(options: T): T {
  return { ...options, settings: { ...options.settings, enablePush: false } };
}
