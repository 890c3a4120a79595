import { isIP } from "node:net";

/** A host and the text after its colon: `10.0.0.1:80`, `[::1]:80`, `checkout.shop:grpc`. */
export interface HostPort {
  /** Without brackets. Any text: see {@link isHost}. */
  readonly host: string;
  /** As written, and any text: see {@link toPort}. Undefined without a colon. */
  readonly port: string | undefined;
}

/** Takes `host:port` apart, by its punctuation alone. Undefined if the punctuation is wrong, as in `::1:80` without brackets. */
export function splitHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[(?<ip>[^[\]]+)\]|(?<name>[^:[\]]+))(?::(?<port>[^:]*))?$/.exec(text);
  if (match?.groups === undefined) return undefined;
  const { ip, name, port } = match.groups;
  if (ip !== undefined && isIP(ip) !== 6) return undefined;
  return { host: ip ?? name ?? "", port };
}

/** Whether the text is an IP address or a DNS name. Underscores are allowed: Docker's names have them. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  if (text.length > 253 || !/^(?!-)[\w-]{1,63}(\.(?!-)[\w-]{1,63})*\.?$/.test(text)) return false;
  // A name that ends in a number is a mistyped IPv4 address, which getaddrinfo would read in ways that nobody expects: 10.1 as 10.0.0.1.
  return !/(^|\.)\d+\.?$/.test(text);
}

/** A TCP port in decimal, 1 to 65535, or undefined. */
export function toPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}
