// The law of the default policy where load is light: servers that do not differ beyond chance get even shares. In virtual time, call by call.
import { describe, expect, test } from "vitest";
import type { LoadReport } from "../../load-report.ts";
import type { RandomSource } from "../../random-source.ts";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Lease } from "../balancer.ts";
import { createBalancer } from "../create-balancer.ts";

interface Fleet {
  readonly perSecond: number;
  /** Of each server: its weight. Default: eight of weight 1. */
  readonly weights?: readonly number[];
  readonly clients?: number;
  readonly workMs?: number;
  /** Work is spread exponentially. Default: all calls take as long. */
  readonly isSpread?: boolean;
  readonly reports?: boolean;
  /** On average, for each unit of weight. Default 1 000. */
  readonly calls?: number;
  /** How many times as long work takes there. Default 1. */
  readonly slowness?: (server: number) => number;
  /** The share of calls that fail there. Default 0. */
  readonly failures?: (server: number) => number;
}

/** First calls take so much longer, halved after so many: code that is compiled by use. */
const COLD_MS = 40;
const COLD_CALLS = 5;
/** One call in fifty meets a hiccup of the path. */
const HICCUP_SHARE = 0.02;
const HICCUP_MS = 8;

class Server {
  readonly #workMs: number;
  #calls = 0;
  #meanMs = 0;
  inFlight = 0;

  constructor(workMs: number) {
    this.#workMs = workMs;
  }

  /** What a call takes there. */
  serve(spread: number): number {
    const tookMs = this.#workMs * spread + COLD_MS / (1 + this.#calls / COLD_CALLS);
    this.#calls += 1;
    this.#meanMs += Math.max(0.005, 1 / this.#calls) * (tookMs - this.#meanMs);
    return tookMs;
  }

  report(): LoadReport {
    return { requestsPerSecond: 0, errorsPerSecond: 0, utilization: 0, inFlight: this.inFlight, latencyMs: this.#meanMs };
  }
}

/** The calls of each server per unit of weight, relative to the mean, least first. */
function sharesOf(fleet: Fleet, seed = 1): readonly number[] {
  const {
    perSecond,
    weights = new Array<number>(8).fill(1),
    clients = 1,
    workMs = 2,
    isSpread = false,
    reports = true,
    calls = 1_000,
  } = fleet;
  const { slowness = () => 1, failures = () => 0 } = fleet;
  const chance = seededRandom(seed);
  const endpoints = weights.map((weight, server) => testEndpoint({ id: `${server}`, weight }));
  const balancers = Array.from({ length: clients }, (_, client) => createBalancer({ random: seededRandom(seed * 1_000 + client) }));
  for (const balancer of balancers) balancer.update(endpoints, 0);
  const servers = weights.map((_, server) => new Server(workMs * slowness(server)));
  const got = weights.map(() => 0);
  const total = calls * weights.reduce((sum, weight) => sum + weight, 0);
  const due = new Due();
  let nowMs = 0;
  for (let call = 0; call < total; call += 1) {
    nowMs += exponential(chance, 1_000 / perSecond);
    due.runUntil(nowMs);
    const startedAtMs = nowMs;
    const lease = balancers[randomIndex(chance, clients)]?.acquire({ method: "shop.Checkout/Pay" }, startedAtMs) as Lease;
    const index = Number(lease.endpoint.id);
    const server = servers[index] as Server;
    got[index] = (got[index] as number) + 1;
    server.inFlight += 1;
    const servedMs = server.serve(isSpread ? exponential(chance, 1) : 1);
    const hiccupMs = chance() < HICCUP_SHARE ? exponential(chance, HICCUP_MS) : 0;
    const kind = chance() < failures(index) ? "failure" : "success";
    due.at(startedAtMs + servedMs, () => {
      server.inFlight -= 1;
      const report = reports ? server.report() : undefined;
      const hereMs = startedAtMs + servedMs + 0.3 + hiccupMs;
      due.at(hereMs, () => {
        lease.responded(report, hereMs);
        lease.settle(testOutcome(kind, { latencyMs: hereMs - startedAtMs }), hereMs);
      });
    });
  }
  return got.map((count, server) => count / (weights[server] as number) / calls);
}

/** What is to happen, in the order of time. */
class Due {
  readonly #events: { readonly atMs: number; readonly act: () => void }[] = [];

  at(atMs: number, act: () => void): void {
    let place = this.#events.length;
    while (place > 0 && (this.#events[place - 1] as { atMs: number }).atMs < atMs) place -= 1;
    this.#events.splice(place, 0, { atMs, act });
  }

  runUntil(nowMs: number): void {
    for (let next = this.#events.at(-1); next !== undefined && next.atMs <= nowMs; next = this.#events.at(-1)) {
      this.#events.pop();
      next.act();
    }
  }
}

function exponential(chance: RandomSource, mean: number): number {
  return -Math.log(1 - chance()) * mean;
}

describe.each([true, false])("with reports: %s", (reports) => {
  test.each<Fleet>([
    { perSecond: 10, workMs: 2 },
    { perSecond: 100, workMs: 2 },
    { perSecond: 300, workMs: 2 },
    { perSecond: 300, workMs: 20 },
    { perSecond: 1_000, workMs: 2 },
    { perSecond: 300, clients: 4 },
    { perSecond: 100, clients: 4, weights: [1, 1, 1, 1] },
    { perSecond: 300, weights: new Array<number>(20).fill(1) },
    { perSecond: 300, workMs: 20, isSpread: true, clients: 4 },
    { perSecond: 1_000, clients: 100, isSpread: true, weights: new Array<number>(20).fill(1) },
  ])("servers that do not differ get even shares: %o", (fleet) => {
    const shares = sharesOf({ ...fleet, reports });
    expect(Math.max(...shares)).toBeLessThanOrEqual(1.1);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.9);
  });

  test.each([20, 150, 700])("shares go by weight, at %d calls a second", (perSecond) => {
    for (const workMs of [2, 20]) {
      const shares = sharesOf({ perSecond, workMs, weights: [1, 2, 4], reports });
      for (const share of shares) expect(Math.abs(share - 1)).toBeLessThanOrEqual(0.12);
    }
  });

  test("a few calls are spread no less evenly than fair draws would spread them", () => {
    // 99.9 % of fair draws of 40 calls each lie between these.
    for (const seed of [1, 2, 3, 4, 5]) {
      const shares = sharesOf({ perSecond: 30, calls: 40, reports }, seed);
      expect(Math.max(...shares)).toBeLessThanOrEqual(1.72);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.43);
    }
  });

  test("who takes three times as long gets less, five times, less than that; so does who fails one call in ten; and nobody is forgotten", () => {
    const odd = (server: number) => server === 0;
    const slowed = (times: number) => sharesOf({ perSecond: 300, slowness: (server) => (odd(server) ? times : 1), reports })[0] as number;
    const [failing] = sharesOf({ perSecond: 100, failures: (server) => (odd(server) ? 0.1 : 0), reports });
    expect(slowed(3)).toBeLessThan(0.97);
    for (const share of [slowed(5), failing as number]) {
      expect(share).toBeLessThan(0.9);
      expect(share).toBeGreaterThan(0.005);
    }
  });
});
