import { lookup, Resolver } from "node:dns/promises";

/** An SRV record (RFC 2782). */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  /** Lower is preferred. */
  readonly priority: number;
  readonly weight: number;
}

/**
 * Asks DNS. Errors carry a `code`, as those of node:dns do. Every promise must settle some day: while one is open,
 * the same watch does not ask again.
 */
export interface DnsResolver {
  /** All IP addresses of a host, as the system would find them. */
  lookup(host: string): Promise<readonly string[]>;
  /** The SRV records of a full name. */
  resolveSrv(name: string): Promise<readonly SrvRecord[]>;
}

/**
 * The system's DNS. Addresses come from `dns.lookup`, which knows search domains and the hosts file as `resolve4` does not:
 * without them `checkout.shop` would not be found.
 */
export function systemResolver(srv: Pick<Resolver, "resolveSrv"> = new Resolver({ timeout: 1_500, tries: 3 })): DnsResolver {
  return {
    lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    resolveSrv: (name) => srv.resolveSrv(name),
  };
}
