import { isIP } from "node:net";
import type { Endpoint } from "../endpoint.ts";
import { lookUpFailure, noData, targetFailure } from "./dns-failure.ts";
import type { DnsResolver, SrvRecord } from "./dns-resolver.ts";
import { plainEndpoint } from "./plain-endpoint.ts";

export interface DnsAnswer {
  /** At least one, each once, in an order that depends on nothing but themselves. */
  readonly endpoints: readonly Endpoint[];
  /** What could not be found out, if the answer is only partly known. */
  readonly shortfall?: Error;
}

/** Asks once. Rejects with an error for the user. */
export type DnsQuery = () => Promise<DnsAnswer>;

type Lookup = (host: string) => Promise<readonly string[]>;

/** Asks for a host's addresses. */
export function hostQuery(host: string, port: number, lookup: Lookup): DnsQuery {
  return async () => {
    try {
      return { endpoints: inOrder((await someAddresses(host, lookup)).map((address) => plainEndpoint(address, port))) };
    } catch (cause) {
      throw lookUpFailure(host, cause, "is the Service name right, and headless (clusterIP: None)?");
    }
  };
}

/**
 * Asks for SRV records and the addresses of their targets. A target that cannot be looked up keeps the addresses that it had:
 * failing to find one is no sign that it is gone. Priorities become levels 0, 1, 2, …; a target's weight is shared by its addresses,
 * and 0 counts as 1.
 */
export function srvQuery(name: string, resolver: DnsResolver, lookup: Lookup): DnsQuery {
  let known: ReadonlyMap<string, readonly string[]> = new Map();
  return async () => {
    const records = await someRecords(name, resolver);
    const targets = [...new Set(records.map((record) => record.name))];
    const failed: { target: string; cause: unknown }[] = [];
    const found = await Promise.all(
      targets.map(async (target): Promise<[string, readonly string[]]> => {
        try {
          return [target, await someAddresses(target, lookup)];
        } catch (cause) {
          failed.push({ target, cause });
          return [target, known.get(target) ?? []];
        }
      }),
    );
    known = new Map(found);
    const endpoints = srvEndpoints(records, known);
    if (failed.length === 0) return { endpoints };
    const shortfall = targetFailure(name, failed, targets.length);
    if (endpoints.length === 0) throw shortfall;
    return { endpoints, shortfall };
  };
}

async function someAddresses(host: string, lookup: Lookup): Promise<readonly string[]> {
  const addresses = (await lookup(host)).filter((address) => isIP(address) !== 0);
  if (addresses.length === 0) throw noData();
  return [...new Set(addresses)];
}

async function someRecords(name: string, resolver: DnsResolver): Promise<readonly SrvRecord[]> {
  try {
    // RFC 2782: the target "." says that there is no such service here.
    const records = (await resolver.resolveSrv(name)).filter((record) => record.name !== "" && record.name !== "." && record.port > 0);
    if (records.length === 0) throw noData();
    return records;
  } catch (cause) {
    const hint = "SRV knows no search domains: is the name complete, as in _grpc._tcp.checkout.shop.svc.cluster.local?";
    throw lookUpFailure(`SRV ${name}`, cause, hint);
  }
}

function srvEndpoints(records: readonly SrvRecord[], addresses: ReadonlyMap<string, readonly string[]>): readonly Endpoint[] {
  const reachable = records.filter((record) => addresses.get(record.name)?.length);
  const levels = [...new Set(reachable.map((record) => record.priority))].sort((a, b) => a - b);
  const endpoints = reachable.flatMap((record) => {
    const shared = addresses.get(record.name) ?? [];
    const standing = { weight: Math.max(1, record.weight) / shared.length, priority: levels.indexOf(record.priority) };
    return shared.map((address) => ({ ...plainEndpoint(address, record.port), ...standing }));
  });
  return inOrder(endpoints);
}

/** Sorted by level and id; of several with the same id the most preferred, and of those the heaviest, stays. */
function inOrder(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const byId = new Map<string, Endpoint>();
  for (const endpoint of endpoints.toSorted(compare)) {
    if (!byId.has(endpoint.id)) byId.set(endpoint.id, endpoint);
  }
  return [...byId.values()];
}

function compare(a: Endpoint, b: Endpoint): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return b.weight - a.weight;
}
