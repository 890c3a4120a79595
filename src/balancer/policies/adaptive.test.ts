import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import type { LoadReport } from "../../load-report.ts";
import type { RandomSource } from "../../random-source.ts";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer, Lease } from "../balancer.ts";
import type { Candidates } from "../candidates.ts";
import { createBalancer } from "../create-balancer.ts";
import type { Member } from "../member.ts";
import type { OutcomeKind } from "../outcome.ts";
import type { PickContext } from "../pick-context.ts";
import type { Policy } from "../policy.ts";
import { adaptive } from "./adaptive.ts";
import { powerOfTwo } from "./power-of-two.ts";

const CALL: PickContext = { method: "shop.Checkout/Pay" };
const WORK_MS = 20;
const CORES = 4;

// A small fleet in virtual time, in steps of a millisecond. Servers share their cores among their calls; where cores are without end, latency
// does not depend on load.

/** A stream is answered at once, and never over. */
type Fate = "success" | "failure" | "hang" | "stream";

interface Fleet {
  /** Default 10. */
  readonly servers?: number;
  /** Default 4. */
  readonly clients?: number;
  /** Of each server, per weight. Default 4. */
  readonly cores?: number;
  /** Part of what the servers can do, or would if they had four cores each and not cores without end. Default 0.6. */
  readonly load?: number;
  readonly forMs: number;
  readonly seed?: number;
  readonly policy?: Policy;
  readonly weight?: (server: number) => number;
  readonly slowness?: (server: number) => number;
  readonly report?: (truth: LoadReport, server: number, nowMs: number) => LoadReport | undefined;
  readonly fate?: (server: number, nowMs: number, chance: RandomSource) => Fate;
}

interface Visit {
  readonly client: number;
  readonly server: number;
  readonly atMs: number;
}

interface History {
  readonly visits: readonly Visit[];
  /** Calls on the busiest server, on average over time. */
  readonly busiest: number;
}

interface Job {
  leftMs: number;
  readonly end: () => void;
}

function isOver({ leftMs }: Job): boolean {
  return leftMs <= 0;
}

class Server {
  readonly #cores: number;
  readonly #jobs: Job[] = [];
  #latencyMs = WORK_MS;

  constructor(cores: number) {
    this.#cores = cores;
  }

  get inFlight(): number {
    return this.#jobs.length;
  }

  get truth(): LoadReport {
    const { inFlight } = this;
    return { requestsPerSecond: 100, errorsPerSecond: 0, utilization: Math.min(1, inFlight / CORES), inFlight, latencyMs: this.#latencyMs };
  }

  take(workMs: number, end: (latencyMs: number) => void, nowMs: () => number): void {
    const beganAtMs = nowMs();
    const finish = () => {
      const latencyMs = nowMs() - beganAtMs;
      this.#latencyMs += 0.005 * (latencyMs - this.#latencyMs);
      end(latencyMs);
    };
    this.#jobs.push({ leftMs: workMs, end: finish });
  }

  /** A millisecond passes. */
  work(): void {
    const each = Math.min(1, this.#cores / this.#jobs.length);
    for (const job of this.#jobs) job.leftMs -= each;
    for (let place = this.#jobs.findIndex(isOver); place >= 0; place = this.#jobs.findIndex(isOver)) {
      for (const job of this.#jobs.splice(place, 1)) job.end();
    }
  }
}

function simulate(fleet: Fleet): History {
  const { servers: count = 10, clients = 4, cores = CORES, load = 0.6, forMs, seed = 1, policy = adaptive() } = fleet;
  const { weight = () => 1, slowness = () => 1, report = (truth) => truth, fate = () => "success" } = fleet;
  const chance = seededRandom(seed);
  const exponential = (mean: number) => -Math.log(1 - chance()) * mean;
  const endpoints = endpointsOf(count, (server) => ({ weight: weight(server) }));
  const servers = endpoints.map((endpoint) => new Server(cores * endpoint.weight));
  const balancers = Array.from({ length: clients }, (_, client) => balancerOf(policy, endpoints, 1_000 * seed + client));
  const weights = endpoints.reduce((sum, endpoint) => sum + endpoint.weight, 0);
  const betweenMs = WORK_MS / (load * (cores === Infinity ? CORES : cores) * weights);
  const visits: Visit[] = [];
  let [nowMs, nextMs, busiest] = [0, 0, 0];

  const call = (client: number) => {
    const lease = (balancers[client] as Balancer).acquire(CALL, nowMs) as Lease;
    const place = Number(lease.endpoint.id);
    const server = servers[place] as Server;
    const kind = fate(place, nowMs, chance);
    visits.push({ client, server: place, atMs: nowMs });
    if (kind === "stream") lease.responded(undefined, nowMs);
    if (kind === "stream" || kind === "hang") return;
    const end = (latencyMs: number) => {
      const told = report(server.truth, place, nowMs);
      if (told !== undefined) lease.responded(told, nowMs);
      lease.settle(testOutcome(kind, { latencyMs }), nowMs);
    };
    server.take(kind === "failure" ? 1 : exponential(WORK_MS) * slowness(place), end, () => nowMs);
  };
  for (; nowMs < forMs; nowMs += 1) {
    for (; nextMs <= nowMs; nextMs += exponential(betweenMs)) call(randomIndex(chance, clients));
    busiest += servers.reduce((most, server) => Math.max(most, server.inFlight), 0) / forMs;
    for (const server of servers) server.work();
  }
  return { visits, busiest };
}

function endpointsOf(count: number, fields: (place: number) => Partial<Endpoint> = () => ({})): readonly Endpoint[] {
  return Array.from({ length: count }, (_, place) => testEndpoint({ id: `${place}`, ...fields(place) }));
}

/** Nothing but the policy decides: no ejection, no slow start. */
function balancerOf(policy: Policy, endpoints: readonly Endpoint[], seed = 7): Balancer {
  const balancer = createBalancer({ policy, random: seededRandom(seed), ejection: false, slowStart: false });
  balancer.update(endpoints, 0);
  return balancer;
}

interface Sequence {
  readonly calls: number;
  readonly everyMs?: number;
  readonly startMs?: number;
  readonly context?: PickContext;
  readonly report?: (id: string) => LoadReport | undefined;
  readonly fate?: (id: string, call: number) => "success" | "failure";
}

/** Calls one after the other, each over in a tenth of the time to the next: who got them. */
function sequence(balancer: Balancer, { calls, everyMs = 10, startMs = 0, context = CALL, report, fate }: Sequence): readonly string[] {
  return Array.from({ length: calls }, (_, call) => {
    const atMs = startMs + call * everyMs;
    const lease = balancer.acquire(context, atMs) as Lease;
    const { id } = lease.endpoint;
    const latencyMs = everyMs / 10;
    lease.responded(report?.(id), atMs + latencyMs);
    lease.settle(testOutcome(fate?.(id, call) ?? "success", { latencyMs }), atMs + latencyMs);
    return id;
  });
}

function count(ids: readonly string[], id: string): number {
  return ids.filter((each) => each === id).length;
}

/** Who would get the next call; it is taken back at once. */
function favourite(balancer: Balancer, nowMs: number, avoid: readonly string[] = []): string {
  const lease = balancer.acquire({ ...CALL, avoid: new Set(avoid) }, nowMs) as Lease;
  lease.settle(testOutcome("abandoned"), nowMs);
  return lease.endpoint.id;
}

const HUNDRED = endpointsOf(100).map(({ id }) => id);

/** Makes one call on exactly this endpoint, which answers at once. */
function callOn(
  balancer: Balancer,
  id: string,
  nowMs: number,
  { inFlight = 5, latencyMs = 20, kind = "success" as OutcomeKind } = {},
): void {
  const avoid = new Set(HUNDRED.filter((other) => other !== id));
  const lease = balancer.acquire({ ...CALL, avoid }, nowMs) as Lease;
  expect(lease.endpoint.id).toBe(id);
  lease.responded(reportOf(inFlight), nowMs);
  lease.settle(testOutcome(kind, { latencyMs }), nowMs);
}

function reportOf(inFlight: number, latencyMs = 20): LoadReport {
  return { requestsPerSecond: 100, errorsPerSecond: 0, utilization: 0.5, inFlight, latencyMs };
}

/** What each server got of the calls, where 1 is an even share. */
function sharesOf({ visits }: History, fromMs = 0, untilMs = Infinity, servers = 10): readonly number[] {
  const counts = new Array<number>(servers).fill(0);
  let all = 0;
  for (const { server, atMs } of visits) {
    if (atMs < fromMs || atMs >= untilMs) continue;
    counts[server] = (counts[server] as number) + 1;
    all += 1;
  }
  return counts.map((calls) => (calls * servers) / all);
}

function shareOfThree(history: History, fromMs = 0, untilMs = Infinity): number {
  return sharesOf(history, fromMs, untilMs)[3] as number;
}

/** How far shares are from even: their coefficient of variation. */
function unevenness(shares: readonly number[]): number {
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - 1) ** 2, 0) / shares.length);
}

const silent = () => undefined;

describe("who is looked at", () => {
  test.each([10, 10_000])("of %i endpoints, six: two at random, and the four that answered last", (size) => {
    const looked = new Set<string>();
    let draws = 0;
    const draw = seededRandom(7);
    const random = () => {
      draws += 1;
      return draw();
    };
    const balancer = createBalancer({ random, ejection: false, slowStart: false });
    balancer.update(endpointsOf(size).map(withWeight((id) => looked.add(id))), 0);
    sequence(balancer, { calls: 20, report: () => reportOf(5) });
    for (let pick = 0; pick < 100; pick += 1) {
      const answered = new Set(Array.from({ length: 4 }, () => sequence(balancer, { calls: 1, startMs: 200 + pick }).join()));
      looked.clear();
      draws = 0;
      favourite(balancer, 202 + pick);
      expect(looked.size).toBeLessThanOrEqual(6);
      for (const id of answered) expect(looked.has(id)).toBe(true);
      expect(draws).toBeLessThanOrEqual(10);
    }
  });

  /** Of a hundred, all answered long ago; then did those that are given, with what they said of their load. */
  function afterAnswers(seed: number, ...answers: readonly (readonly [id: string, inFlight: number, kind?: OutcomeKind])[]): Balancer {
    const balancer = balancerOf(adaptive(), endpointsOf(100), seed);
    for (let id = 0; id < 100; id += 1) callOn(balancer, `${id}`, 0);
    for (const [id, inFlight, kind] of answers) callOn(balancer, id, 5_000, { inFlight, ...(kind && { kind }) });
    return balancer;
  }
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);

  test("an idle endpoint that has just answered gets the next call; but for a while only", () => {
    const [soon, later] = [5_010, 10_000].map((nowMs) => seeds.map((seed) => favourite(afterAnswers(seed, ["3", 0]), nowMs)));
    expect(count(soon as string[], "3")).toBe(20);
    expect(count(later as string[], "3")).toBeLessThan(4);
  });

  test("who answered before the last four is not among them, unless the call may not go to some of these", () => {
    const answers = [["3", 0], ...["4", "5", "6", "7"].map((id) => [id, 4] as const)] as const;
    const chosen = (avoid: readonly string[]) => seeds.map((seed) => favourite(afterAnswers(seed, ...answers), 5_010, avoid));
    expect(count(chosen([]), "3")).toBeLessThan(4);
    expect(count(chosen(["5"]), "3")).toBe(20);
  });

  test("a failure is no answer: who fails is not among those that answered last", () => {
    const chosen = seeds.map((seed) => favourite(afterAnswers(seed, ["3", 0, "overload"]), 5_010));
    expect(count(chosen, "3")).toBeLessThan(4);
  });
});

describe.each([
  ["servers report", {}],
  ["servers report nothing", { report: silent }],
] as const)("where %s", (_, reporting) => {
  const doReport = !("report" in reporting);

  test.each([1, 4, 20])("%i clients spread their calls over equal servers evenly", (clients) => {
    expect(unevenness(sharesOf(simulate({ clients, forMs: 8_000, ...reporting })))).toBeLessThan(0.15);
  });

  test("a server that is fast gets more, one that is slow gets less", () => {
    const history = simulate({ forMs: 8_000, slowness: (server) => [1, 1, 1, 0.4, 3][server] ?? 1, ...reporting });
    const [, , , fast, slow] = sharesOf(history, 2_000) as [number, number, number, number, number];
    expect(fast).toBeGreaterThan(1.3);
    expect(slow).toBeLessThan(0.5);
  });

  test("the busiest server is less busy than under two choices by the client's own calls, with several clients", () => {
    for (const clients of [4, 20]) {
      const busiest = (policy: Policy) => simulate({ clients, forMs: 4_000, load: 0.8, policy, ...reporting }).busiest;
      expect(busiest(adaptive())).toBeLessThan(busiest(powerOfTwo()));
    }
  });

  test("an endpoint that fails at once gets a handful of calls in the first ten seconds, and half as many in as much time ever after", () => {
    const balancer = balancerOf(adaptive(), endpointsOf(10));
    const fate = (id: string) => (id === "3" ? "failure" : "success");
    const ids = sequence(balancer, { calls: 32_000, everyMs: 10, fate, ...(doReport && { report: () => reportOf(5) }) });
    const during = (fromSeconds: number, untilSeconds: number) => count(ids.slice(fromSeconds * 100, untilSeconds * 100), "3");
    expect(during(0, 10)).toBeGreaterThan(0);
    expect(during(0, 10)).toBeLessThanOrEqual(5);
    for (const seconds of [10, 20, 40, 80, 160]) expect(during(seconds, 2 * seconds)).toBeLessThanOrEqual(3);
  });

  test.each([0, 3_000])("so it does when clients have many calls at a time, if it fails from %i ms on", (fromMs) => {
    const fate = (server: number, nowMs: number) => (server === 3 && nowMs >= fromMs ? "failure" : "success");
    const { visits } = simulate({ forMs: fromMs + 5_000, fate, ...reporting });
    const failed = visits.filter(({ server, atMs }) => server === 3 && atMs >= fromMs);
    expect(failed.length / 4).toBeLessThanOrEqual(15);
    expect(failed.filter(({ atMs }) => atMs > fromMs + 1_000).length / 4).toBeLessThanOrEqual(1);
  });

  test("a single failure where all else succeeds is forgotten after ten seconds or so", () => {
    const balancer = balancerOf(adaptive(), endpointsOf(5));
    const report = doReport ? { report: () => reportOf(5) } : {};
    sequence(balancer, { calls: 1_000, ...report });
    let failed = false;
    const fate = (id: string) => {
      if (id !== "3" || failed) return "success";
      failed = true;
      return "failure";
    };
    const soon = sequence(balancer, { calls: 900, startMs: 10_000, fate, ...report });
    expect(count(soon, "3")).toBe(1);
    sequence(balancer, { calls: 300, startMs: 19_000, ...report });
    const later = sequence(balancer, { calls: 1_000, startMs: 22_000, ...report });
    expect(count(later, "3")).toBeGreaterThan(100);
  });

  test.each([1, 4])("a fifth of all calls fails, whoever takes them: shares stay even, and nobody is avoided, by %i clients", (clients) => {
    const fate = (_server: number, _nowMs: number, chance: RandomSource) => (chance() < 0.2 ? "failure" : "success");
    const history = simulate({ clients, forMs: 25_000, fate, ...reporting });
    expect(unevenness(sharesOf(history, 5_000))).toBeLessThan(0.15);
    for (let fromMs = 5_000; fromMs < 25_000; fromMs += 5_000) {
      expect(Math.min(...sharesOf(history, fromMs, fromMs + 5_000))).toBeGreaterThan(0.25);
    }
  });

  test("a server that hangs gets a few calls of each client, and then none until something else is heard of it", () => {
    const { visits } = simulate({
      forMs: 6_000,
      fate: (server, nowMs) => (server === 3 && nowMs > 3_000 ? "hang" : "success"),
      ...reporting,
    });
    const hanging = visits.filter(({ server, atMs }) => server === 3 && atMs > 3_000);
    for (const client of [0, 1, 2, 3]) expect(hanging.filter((visit) => visit.client === client).length).toBeLessThanOrEqual(4);
    expect(hanging.filter(({ atMs }) => atMs > 4_000).length).toBeLessThanOrEqual(1);
  });

  test("a long stream that was answered does not look like one that hangs", () => {
    let streams = 0;
    const fate = (server: number): Fate => {
      if (server !== 3 || streams === 1) return "success";
      streams += 1;
      return "stream";
    };
    expect(shareOfThree(simulate({ clients: 1, forMs: 8_000, fate, ...reporting }), 2_000)).toBeGreaterThan(0.3);
  });

  test("a call of cost 10 counts as ten", () => {
    const balancer = balancerOf(adaptive(), endpointsOf(2));
    if (doReport) for (const id of ["0", "1"]) balancer.observe(id, reportOf(0), 0);
    const first = (balancer.acquire({ ...CALL, cost: 10 }, 0) as Lease).endpoint.id;
    const next = Array.from({ length: 9 }, () => (balancer.acquire(CALL, 0) as Lease).endpoint.id);
    expect(count(next, first)).toBe(0);
    const after = Array.from({ length: 40 }, () => (balancer.acquire(CALL, 0) as Lease).endpoint.id);
    expect(count(after, first)).toBeGreaterThan(15);
  });

  test("the same seed gives the same choices, another one gives others", () => {
    const chosen = (seed: number) => simulate({ seed, forMs: 500, ...reporting }).visits;
    expect(chosen(5)).toEqual(chosen(5));
    expect(chosen(5)).not.toEqual(chosen(6));
  });

  test("what was learned survives an update; a newcomer is not taken for the one whose slot it has", () => {
    const balancer = balancerOf(adaptive(), endpointsOf(10));
    const report = doReport ? { report: () => reportOf(5) } : {};
    const fate = (id: string) => (id === "3" || id === "4" ? "failure" : "success");
    sequence(balancer, { calls: 1_000, fate, ...report });
    balancer.update([...endpointsOf(10).filter(({ id }) => id !== "3"), testEndpoint({ id: "new" })], 10_000);
    const ids = sequence(balancer, { calls: 500, startMs: 10_000, fate, ...report });
    expect(count(ids, "new")).toBeGreaterThan(25);
    expect(count(ids, "new")).toBeLessThan(100);
    expect(count(ids, "4")).toBeLessThanOrEqual(1);
  });
});

describe("weights", () => {
  const ratio = (history: History) => {
    const shares = sharesOf(history, 1_000);
    const sum = (some: readonly number[]) => some.reduce((all, share) => all + share, 0);
    return sum(shares.slice(5)) / sum(shares.slice(0, 5));
  };
  const weight = (server: number) => (server < 5 ? 1 : 3);

  test("servers of three times the weight get three times the calls, to within 15 %, where each has some calls", () => {
    const history = simulate({ clients: 20, cores: 16, forMs: 3_000, weight });
    expect(Math.abs(ratio(history) / 3 - 1)).toBeLessThan(0.15);
  });

  test("nobody starves for a small weight, where each has few calls", () => {
    for (const clients of [4, 20]) expect(ratio(simulate({ clients, forMs: 4_000, weight }))).toBeLessThan(5);
  });
});

describe("what servers claim", () => {
  test("more latency lowers the share at once", () => {
    const slower = (truth: LoadReport) => ({ ...truth, latencyMs: 4 * (truth.latencyMs as number) });
    const report = (truth: LoadReport, server: number, nowMs: number) => (server === 3 && nowMs > 3_000 ? slower(truth) : truth);
    const history = simulate({ forMs: 3_600, report });
    expect(shareOfThree(history, 1_000, 3_000)).toBeGreaterThan(0.7);
    expect(shareOfThree(history, 3_100)).toBeLessThan(0.5);
  });

  test("less latency and load than we see helps nobody who is slow", () => {
    const slowness = (server: number) => (server === 3 ? 3 : 1);
    const report = (truth: LoadReport, server: number) => (server === 3 ? { ...truth, inFlight: 1, latencyMs: 1 } : truth);
    expect(shareOfThree(simulate({ forMs: 8_000, slowness, report }), 3_000)).toBeLessThan(0.5);
  });

  test("one that claims to be idle gets no more than others", () => {
    const report = (truth: LoadReport, server: number) => (server === 3 ? { ...truth, inFlight: 0, latencyMs: 0 } : truth);
    for (const cores of [CORES, Infinity]) {
      const shares = [1, 2, 3, 4].map((seed) => shareOfThree(simulate({ seed, forMs: 8_000, cores, report }), 2_000));
      expect(shares.reduce((sum, share) => sum + share) / 4).toBeLessThan(1.15);
    }
  });

  test("the silent among those who report get about their share, and less if they are slow", () => {
    const report = (truth: LoadReport, server: number) => (server < 3 ? undefined : truth);
    const equal = sharesOf(simulate({ forMs: 8_000, report }), 2_000).slice(0, 3);
    expect(equal.reduce((sum, share) => sum + share, 0) / 3).toBeGreaterThan(0.35);
    expect(Math.max(...equal)).toBeLessThan(1.3);
    const slowness = (server: number) => (server === 1 ? 3 : 1);
    expect(sharesOf(simulate({ forMs: 8_000, report, slowness }), 2_000)[1]).toBeLessThan(0.3);
  });

  test("who stops reporting does not starve", () => {
    const report = (truth: LoadReport, server: number, nowMs: number) => (server === 3 && nowMs > 1_000 ? undefined : truth);
    for (const clients of [1, 4]) expect(shareOfThree(simulate({ clients, forMs: 8_000, report }), 3_000)).toBeGreaterThan(0.3);
  });

  test("where nobody reports, who turned one stream away does not starve", () => {
    const balancer = balancerOf(adaptive(), endpointsOf(5));
    sequence(balancer, { calls: 1_000 });
    callOn(balancer, "3", 10_000, { kind: "refused" });
    expect(count(sequence(balancer, { calls: 500, startMs: 20_000 }), "3")).toBeGreaterThan(50);
  });

  /** A number, or a multiple of the truth. */
  interface Claim {
    readonly value: number | undefined;
    readonly times: number | undefined;
  }
  interface Strategy {
    readonly claims: readonly {
      readonly inFlight: Claim;
      readonly latencyMs: Claim;
      readonly utilization: number;
      readonly perSecond: number;
    }[];
    /** Each claim is made for so long; 0 for one report. */
    readonly forMs: number;
    readonly clients: number;
  }
  const wild = fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, 1e-9, 0.5, 1, 2, 3, 5, 10, 100, 1e6, 1e308);
  const claim = fc.record({ value: fc.option(wild, { nil: undefined }), times: fc.constantFrom(undefined, undefined, 0.1, 0.5, 1, 2) });
  const strategy: fc.Arbitrary<Strategy> = fc.record({
    claims: fc.array(fc.record({ inFlight: claim, latencyMs: claim, utilization: wild, perSecond: wild }), { minLength: 1, maxLength: 4 }),
    forMs: fc.constantFrom(0, 50, 500, 5_000),
    clients: fc.constantFrom(1, 4, 20),
  });
  const saying = ({ value, times }: Claim, truth: number | undefined) => (times === undefined ? value : times * (truth as number));

  /** Of five servers, the share of the third, which follows the strategy, and the least of the others. */
  function shares({ claims, forMs, clients }: Strategy, cores: number): readonly [liar: number, least: number] {
    let reports = 0;
    const report = (truth: LoadReport, server: number, nowMs: number): LoadReport => {
      if (server !== 2) return truth;
      const turn = forMs === 0 ? reports++ : Math.floor(nowMs / forMs);
      const { inFlight, latencyMs, utilization, perSecond } = claims[turn % claims.length] as Strategy["claims"][number];
      const said = { inFlight: saying(inFlight, truth.inFlight), latencyMs: saying(latencyMs, truth.latencyMs) };
      return { requestsPerSecond: perSecond, errorsPerSecond: perSecond, utilization, ...(said as Pick<LoadReport, "inFlight">) };
    };
    const [one, two, liar, three, four] = sharesOf(simulate({ servers: 5, cores, clients, forMs: 36_000, report }), 20_000, Infinity, 5);
    return [liar as number, Math.min(...([one, two, three, four] as number[]))];
  }
  const always = (inFlight: number, latencyMs: number, clients: number): Strategy => {
    const claims = [
      {
        inFlight: { value: inFlight, times: undefined },
        latencyMs: { value: latencyMs, times: undefined },
        utilization: 0,
        perSecond: 1e6,
      },
    ];
    return { claims, forMs: 0, clients };
  };

  test.each([
    ["does not depend on load", Infinity],
    ["depends on load", CORES],
  ])("nothing that a server says makes its share twice the fair one, or leaves another without, where latency %s", (_, cores) => {
    fc.assert(
      fc.property(strategy, (plan) => {
        const [liar, least] = shares(plan, cores);
        expect(liar).toBeLessThan(2);
        expect(least).toBeGreaterThan(0.4);
      }),
      { numRuns: 7, examples: [[always(1, 0, 20)], [always(1e-9, 0, 20)], [always(1e6, 1e9, 4)]] },
    );
  });
});

describe("the cost of a call", () => {
  interface Zone {
    readonly inFlight?: number;
    readonly own?: number;
    readonly latencyMs?: number;
    readonly context?: PickContext;
  }

  /** A zone has a picker of its own; this one has one server. */
  function costIn({ inFlight, own = 0, latencyMs, context = CALL }: Zone): number {
    const waiting = { oldestUnansweredAtMs: Infinity, unansweredSince: () => 0 };
    const member = { slot: 0, endpoint: testEndpoint(), inFlight: own, ...waiting, consecutiveFailures: 0 } as Partial<Member> as Member;
    const picker = adaptive()({ random: seededRandom(7), candidates: {} as Candidates });
    picker.membership?.([member]);
    for (let call = 0; call < 100; call += 1) {
      if (inFlight !== undefined) picker.onReport?.(member, reportOf(inFlight, latencyMs), 0);
      if (latencyMs !== undefined) picker.onSettle?.(member, testOutcome("success", { latencyMs }), 0, 0);
    }
    return picker.cost?.(context, member, 0) as number;
  }

  test("is comparable between zones: twice the load, with this call, costs eight times as much", () => {
    expect(costIn({ inFlight: 19, latencyMs: 20 }) / costIn({ inFlight: 9, latencyMs: 20 })).toBeCloseTo(8, 6);
    expect(costIn({ own: 19, latencyMs: 20 }) / costIn({ own: 9, latencyMs: 20 })).toBeCloseTo(8, 6);
  });

  test("counts the call by its own cost", () => {
    expect(costIn({ inFlight: 9, context: { ...CALL, cost: 11 } }) / costIn({ inFlight: 9 })).toBeCloseTo(8, 6);
  });

  test("is a positive number before anything is known, and where calls take no time", () => {
    for (const zone of [{}, { inFlight: 0 }, { latencyMs: 0 }, { inFlight: 0, latencyMs: 0 }]) {
      expect(costIn(zone)).toBeGreaterThan(0);
      expect(costIn(zone)).toBeLessThan(Infinity);
    }
  });
});

/** Tells when the endpoint is asked for its weight, as it is whenever its load is. */
function withWeight(tell: (id: string) => void) {
  return (endpoint: Endpoint): Endpoint =>
    Object.defineProperty(endpoint, "weight", {
      get() {
        tell(endpoint.id);
        return 1;
      },
    });
}
