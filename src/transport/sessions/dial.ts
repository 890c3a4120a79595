import { X509Certificate } from "node:crypto";
import * as http2 from "node:http2";
import { isIP, isIPv6 } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { Endpoint } from "../../endpoint.ts";
import { hostAndPort } from "../../host-and-port.ts";
import { toError } from "../../to-error.ts";
import type { TlsCredentials } from "../tls/tls-credentials.ts";
import type { TlsOptions } from "../tls/tls-options.ts";
import { createSpiffeCheck, type SpiffeCheck } from "../tls/tls-spiffe.ts";
import { notForAddress } from "./connect-failure.ts";

/** Starts an HTTP/2 connection to an endpoint. */
export type Dial = (endpoint: Endpoint) => http2.ClientHttp2Session;

export interface DialOptions {
  /** TLS options and certificates, or undefined for h2c. */
  readonly credentials: TlsCredentials | undefined;
  /** Options of `http2.connect` for h2c. */
  readonly plain?: http2.ClientSessionOptions | undefined;
  /** The logical host, without a port: what SNI says and what the certificate is checked against. Undefined: the dialled address. */
  readonly serverName: string | undefined;
  /** How much a server may send before it is read, on each stream and on the connection. Default: what Node.js has, 64 KiB. */
  readonly windowBytes?: number | undefined;
}

/**
 * A dialler: the address is the endpoint's, the identity is the service's.
 *
 * @throws TypeError for a SPIFFE identity that can't be
 */
export function createDial(options: DialOptions): Dial {
  const { windowBytes } = options;
  const dial = dialWith(options);
  if (windowBytes === undefined) return dial;
  return (endpoint) => {
    const session = dial(endpoint);
    session.once("connect", () => {
      // Node.js tells of a connection one tick late, when it may have been given up.
      if (!session.destroyed) session.setLocalWindowSize(windowBytes);
    });
    return session;
  };
}

function dialWith({ credentials, plain, serverName, windowBytes }: DialOptions): Dial {
  if (credentials === undefined) {
    const options = withDefaults(plain ?? {}, windowBytes);
    return (endpoint) => http2.connect(`http://${hostAndPort(endpoint.address, endpoint.port)}`, options);
  }
  const { files, spiffe, ...tls } = credentials.options;
  const checkIdentity = identityCheck(tls, spiffe && createSpiffeCheck(spiffe), serverName === undefined ? checkAddress : checkName);
  return (endpoint) => {
    const name = serverName ?? endpoint.address;
    return http2.connect(`https://${hostAndPort(endpoint.address, endpoint.port)}`, {
      ...withDefaults(tls, windowBytes),
      // SNI carries names only (RFC 6066, 3); a name given by the user wins.
      ...(isIP(name) === 0 && { servername: tls.servername ?? name }),
      // Set explicitly, since the environment may say otherwise (NODE_TLS_REJECT_UNAUTHORIZED).
      ...(spiffe !== undefined && { rejectUnauthorized: true }),
      checkServerIdentity: (_dialled, certificate) => checkIdentity(tls.servername ?? name, certificate),
      secureContext: credentials.context,
    });
  };
}

type IdentityCheck = (name: string, certificate: PeerCertificate) => Error | undefined;

/**
 * Who the server is: its SPIFFE ID and what the user checks, or its name. The check returns what it finds, because what is thrown there ends
 * the process.
 */
function identityCheck(tls: TlsOptions, spiffe: SpiffeCheck | undefined, ofName: IdentityCheck): IdentityCheck {
  return (name, certificate) => {
    try {
      if (spiffe === undefined) return (tls.checkServerIdentity ?? ofName)(name, certificate);
      return spiffe(certificate.raw) ?? tls.checkServerIdentity?.(name, certificate);
    } catch (error) {
      return toError(error);
    }
  };
}

/** Node's own check, which in 22.23.0 takes no IPv6 address for one. */
function checkName(name: string, certificate: PeerCertificate): Error | undefined {
  if (isIPv6(name) && new X509Certificate(certificate.raw).checkIP(name) !== undefined) return undefined;
  return checkServerIdentity(name, certificate);
}

/** The same for a dialled address. A certificate for a name then means that the option `authority` is missing. */
function checkAddress(address: string, certificate: PeerCertificate): Error | undefined {
  const cause = checkName(address, certificate);
  if (cause === undefined || isIP(address) === 0) return cause;
  return new Error(notForAddress(address, certificate.subjectaltname), { cause });
}

/**
 * Node.js allows a session 10 MB, our own unsent requests included, and beyond that resets healthy calls with ENHANCE_YOUR_CALM as their
 * response headers come. What a server can make us hold is bounded by flow control and by the limits on headers.
 */
const maxSessionMemory = 2 ** 32 - 1;

/** A server has no business pushing to us, and its pushed streams would only take memory. */
function withDefaults<T extends http2.ClientSessionOptions>(options: T, initialWindowSize: number | undefined): T {
  const settings = { ...options.settings, enablePush: false, ...(initialWindowSize !== undefined && { initialWindowSize }) };
  return { maxSessionMemory, ...options, settings };
}
