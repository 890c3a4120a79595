import { isIP } from "node:net";

export interface ListenAddress {
  /** Undefined: every address there is, of both families where there are both. */
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * Reads `127.0.0.1:18000`, `[::]:18000` or `:0`, where no host is every one.
 *
 * @throws TypeError that says what is expected
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, v6, host = "", port = ""] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === "" || Number(port) > 65_535 || (v6 !== undefined && isIP(v6) !== 6)) {
    throw new TypeError(`${JSON.stringify(text)}: expected an address with a port, such as 127.0.0.1:18000, [::]:18000 or :18000`);
  }
  // Node.js finds out by itself whether there is IPv6; "::" by name fails where there is none.
  return { host: v6 ?? (host === "" ? undefined : host), port: Number(port) };
}
