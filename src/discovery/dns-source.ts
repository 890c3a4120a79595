import { isIP } from "node:net";
import { backoffMs } from "../backoff.ts";
import { assertChecked, durationMs, having, oneOf, optionsOf, someMs } from "../check-options.ts";
import { type Clock, checkClock, systemClock, type Timer } from "../clock.ts";
import type { Endpoint } from "../endpoint.ts";
import { checkRandom, type RandomSource } from "../random-source.ts";
import { lateAnswer } from "./dns-failure.ts";
import { parseDnsName } from "./dns-name.ts";
import { type DnsQuery, hostQuery, srvQuery } from "./dns-query.ts";
import { type DnsResolver, systemResolver } from "./dns-resolver.ts";
import type { EndpointObserver, EndpointSource, Watch } from "./endpoint-source.ts";
import { KeepLastGood } from "./keep-last-good.ts";
import { plainEndpoint } from "./plain-endpoint.ts";
import { staticSource } from "./static-source.ts";

/** How `dns:` targets are looked up. */
export interface DnsSourceOptions {
  /** Default {@link systemResolver}. */
  readonly resolver?: DnsResolver;
  readonly clock?: Clock;
  /** Spreads the look-ups of many clients that started together. Default `Math.random`. */
  readonly random?: RandomSource;
  /** Time from a good answer to the next look-up, in ms, > 0, spread by ±10 %. Also the longest backoff. Default 30 000. */
  readonly refreshIntervalMs?: number;
  /** Least time from one look-up to another that {@link Watch.refresh} asked for, in ms. Default 5 000. */
  readonly minRefreshIntervalMs?: number;
  /** After this time without an answer the observer hears of it, in ms, > 0. Default 5 000. */
  readonly timeoutMs?: number;
  /** Only IPv4 or only IPv6 addresses. Default both: a dual-stack pod then counts as two endpoints. */
  readonly family?: 4 | 6;
}

export const checkDns = optionsOf<DnsSourceOptions>({
  resolver: having<DnsResolver>("a resolver with the methods lookup and resolveSrv", "lookup", "resolveSrv"),
  clock: checkClock,
  random: checkRandom,
  refreshIntervalMs: someMs,
  minRefreshIntervalMs: durationMs,
  timeoutMs: someMs,
  family: oneOf(4, 6),
});

/**
 * Endpoints from DNS: `host:port` for the addresses of a host, `_service._proto.name` for SRV. Looks again every
 * `refreshIntervalMs`, and sooner after a failure (1 s, growing by 1.6) or a hint. An answer that is an error or empty keeps the last
 * good set. A look-up that takes too long is reported but neither given up nor doubled, since `getaddrinfo` cannot be cancelled and would
 * fill Node's thread pool: its late answer counts.
 *
 * DNS says nothing of health, and a pod that leaves is missed only at the next look-up: `xds:` knows both at once.
 */
export function dnsSource(options: DnsSourceOptions = {}): EndpointSource {
  const { resolver = systemResolver(), family, clock = systemClock, random = Math.random } = assertChecked(options, checkDns, "dnsSource");
  const { refreshIntervalMs = 30_000, minRefreshIntervalMs = 5_000, timeoutMs = 5_000 } = options;
  const pace = { clock, random, refreshIntervalMs, minRefreshIntervalMs, timeoutMs };
  const lookup = async (host: string): Promise<readonly string[]> => {
    const addresses = await resolver.lookup(host);
    return family === undefined ? addresses : addresses.filter((address) => isIP(address) === family);
  };
  return {
    watch(target, observer) {
      const name = parseDnsName(target);
      switch (name.kind) {
        case "literal":
          return staticSource([plainEndpoint(name.address, name.port)]).watch(target, observer);
        case "host":
          return new DnsWatch(name.host, hostQuery(name.host, name.port, lookup), observer, pace);
        case "srv":
          return new DnsWatch(`SRV ${name.name}`, srvQuery(name.name, resolver, lookup), observer, pace);
      }
    },
  };
}

type Pace = Required<Omit<DnsSourceOptions, "resolver" | "family">>;

class DnsWatch implements Watch {
  readonly #name: string;
  readonly #query: DnsQuery;
  readonly #lastGood: KeepLastGood;
  readonly #pace: Pace;
  #startedAtMs = 0;
  #failures = 0;
  /** The next look-up; undefined while one is under way. */
  #next: { readonly atMs: number; readonly timer: Timer } | undefined;
  /** Of the look-up that is under way; undefined once it is reported as late. */
  #patience: Timer | undefined;
  #closed = false;

  constructor(name: string, query: DnsQuery, observer: EndpointObserver, pace: Pace) {
    this.#name = name;
    this.#query = query;
    this.#lastGood = new KeepLastGood(observer);
    this.#pace = pace;
    void this.#look();
  }

  refresh(): void {
    const soonestMs = this.#startedAtMs + this.#pace.minRefreshIntervalMs;
    if (this.#next !== undefined && soonestMs < this.#next.atMs) this.#lookAt(soonestMs);
  }

  close(): void {
    this.#closed = true;
    this.#lastGood.close();
    this.#patience?.cancel();
    this.#next?.timer.cancel();
    this.#next = undefined;
  }

  #lookAt(atMs: number): void {
    this.#next?.timer.cancel();
    const delayMs = Math.max(0, atMs - this.#pace.clock.now());
    this.#next = { atMs, timer: this.#pace.clock.after(delayMs, () => void this.#look()) };
  }

  async #look(): Promise<void> {
    this.#next = undefined;
    const { clock, timeoutMs } = this.#pace;
    this.#startedAtMs = clock.now();
    this.#patience = clock.after(timeoutMs, () => {
      this.#patience = undefined;
      this.#lastGood.failed(lateAnswer(this.#name, timeoutMs));
    });
    try {
      const { endpoints, shortfall } = await this.#query();
      this.#lastGood.good(endpoints, shortfall);
      if (shortfall === undefined) this.#noticeSingleAddress(endpoints);
      this.#failures = shortfall === undefined ? 0 : this.#failures + 1;
    } catch (error) {
      // A look-up that was reported as late is not reported again.
      if (this.#patience !== undefined) this.#lastGood.failed(error as Error);
      this.#failures++;
    }
    this.#patience?.cancel();
    if (!this.#closed) this.#lookAt(clock.now() + this.#delayMs());
  }

  #delayMs(): number {
    const { refreshIntervalMs, random } = this.#pace;
    if (this.#failures === 0) return refreshIntervalMs * (0.9 + 0.2 * random());
    return backoffMs(this.#failures, { baseMs: 1_000, maxMs: refreshIntervalMs, multiplier: 1.6, jitter: 0.2 }, random);
  }

  #noticeSingleAddress(endpoints: readonly Endpoint[]): void {
    // A dual-stack ClusterIP has one address of each family.
    const families = endpoints.map(({ address }) => isIP(address));
    if (new Set(families).size < families.length || endpoints.some(({ address }) => isLoopback(address))) return;
    const addresses = endpoints.map(({ address }) => address).join(" and ");
    this.#lastGood.notice({
      code: "single-address",
      message:
        `dns: ${this.#name} has one address, ${addresses}: if it is a ClusterIP, calls cannot be balanced, because the one connection ` +
        "ends at one pod; make the Service headless (clusterIP: None)",
    });
  }
}

/** On the own machine nobody expects to have more than one. */
function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
