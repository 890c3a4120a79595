import fc from "fast-check";
import { expect, test } from "vitest";
import type { Endpoint } from "../endpoint.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import { testOutcome } from "../testing/test-outcome.ts";
import type { Balancer, Lease } from "./balancer.ts";
import type { BalancerOptions } from "./balancer-options.ts";
import { createBalancer } from "./create-balancer.ts";
import type { Connectivity, Member } from "./member.ts";
import type { Outcome, OutcomeKind } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";
import type { Policy } from "./policy.ts";

// The balancer keeps its sets change by change. This model computes who may be chosen from nothing, each time, from the rules as written.

type Command =
  | { readonly type: "update"; readonly endpoints: readonly Endpoint[] }
  | { readonly type: "observe"; readonly id: string; readonly connectivity: Connectivity }
  | { readonly type: "report"; readonly id: string; readonly claims: Claims }
  | { readonly type: "acquire"; readonly shard: string | undefined; readonly avoid: readonly string[] }
  | { readonly type: "settle"; readonly index: number; readonly kind: OutcomeKind }
  | { readonly type: "wait"; readonly ms: number };

interface Claims {
  readonly draining: boolean;
  readonly utilization: number;
  readonly warmUp: number;
}

interface ModelMember {
  endpoint: Endpoint;
  connectivity: Connectivity;
  lost: boolean;
  leases: number;
  failures: number;
  ejection: { readonly untilMs: number; readonly forMs: number } | undefined;
  last: { readonly forMs: number; readonly ejections: number; readmittedMs: number };
  probes: number;
  restUntilMs: number;
  drainingUntilMs: number;
}

type Filter = (member: ModelMember) => boolean;

/** What a call may draw from, in order of preference; in panic from the second on. */
const PHASES = [
  { tiers: ["open", "waiting"], withHeld: false },
  { tiers: ["open", "waiting"], withHeld: true },
  { tiers: ["lastResort"], withHeld: true },
  { tiers: ["retrying"], withHeld: true },
];
const CLAIM_MS = 30_000;
const HOME = "home";
const LIMIT = 2;
const REST_MS = 300;
const SHARDS = [undefined, "a", "b"];

class Model {
  members = new Map<string, ModelMember>();
  nowMs = 0;
  readonly #mayAlwaysLeave: boolean;

  /** @param mayAlwaysLeave whether calls may leave the zone for reasons that the model does not follow: load, and slow start */
  constructor(mayAlwaysLeave: boolean) {
    this.#mayAlwaysLeave = mayAlwaysLeave;
  }

  update(endpoints: readonly Endpoint[]): void {
    // Those who stay keep their order: it decides between ejections that end at the same time.
    const listed = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
    const order = new Set([...this.members.keys(), ...listed.keys()]);
    const staying = [...order].flatMap((id) => listed.get(id) ?? []);
    this.members = new Map(staying.map((endpoint) => [endpoint.id, this.#kept(endpoint)]));
    const out = [...this.members.values()].filter((member) => member.ejection !== undefined);
    out.sort((a, b) => (a.ejection?.untilMs as number) - (b.ejection?.untilMs as number));
    for (const member of out.slice(0, Math.max(0, out.length - this.#bound()))) this.#readmit(member);
  }

  observe(id: string, connectivity: Connectivity): void {
    const member = this.members.get(id);
    if (member === undefined) return;
    member.connectivity = connectivity;
    if (connectivity !== "connecting") member.lost = connectivity === "unreachable";
  }

  report(id: string, { draining }: Claims): void {
    const member = this.members.get(id);
    if (member !== undefined) member.drainingUntilMs = draining ? this.nowMs + CLAIM_MS : -Infinity;
  }

  settle(member: ModelMember, startedMs: number, kind: OutcomeKind): void {
    member.leases -= 1;
    if (this.members.get(member.endpoint.id) !== member) return;
    const isProbe = member.ejection !== undefined && startedMs >= member.ejection.untilMs;
    if (isProbe) member.probes -= 1;
    if (kind === "overload") member.restUntilMs = Math.max(member.restUntilMs, this.nowMs + REST_MS);
    if (kind === "abandoned" || startedMs < member.last.readmittedMs) return;
    const failed = kind === "failure" || kind === "timeout";
    const answered = kind === "success" || kind === "clientError";
    member.failures = failed ? member.failures + 1 : answered ? 0 : member.failures;
    if (isProbe && answered) this.#readmit(member);
    else if (isProbe && failed) this.#eject(member, member.last.ejections + 1);
    else if (member.ejection === undefined && failed && member.failures >= LIMIT && this.#out() < this.#bound()) {
      const relapse = this.nowMs - member.last.readmittedMs < member.last.forMs;
      this.#eject(member, relapse ? member.last.ejections + 1 : 1);
    }
  }

  get panic(): boolean {
    const members = [...this.members.values()];
    return members.filter((member) => this.#isSound(member)).length < 0.5 * members.length;
  }

  /** The sets that a call may draw from: a level is drawn by chance, and a zone may be left. */
  offers({ shard, avoid = new Set() }: PickContext): readonly string[] {
    const asked = [...this.members.values()].filter((member) => shard === undefined || member.endpoint.labels.shard === shard);
    const priorities = prioritiesOf(this.members.values());
    const drawable = this.#drawable(asked);
    const firsts = drawable.length > 0 ? drawable : priorities.slice(0, 1);
    return firsts.flatMap((first) => this.#offersOf([first, ...priorities.filter((other) => other !== first)], asked, avoid));
  }

  eligible(): readonly string[] {
    const members = [...this.members.values()];
    const drawable = this.#drawable(members);
    for (const phase of this.#phases) {
      const there = prioritiesOf(members.filter(this.#isIn(phase)));
      const shared = there.filter((priority) => drawable.includes(priority));
      const best = (shared.length > 0 ? shared : there.slice(0, 1)).flatMap((priority) => this.#bestRung(members, phase, priority));
      if (best.length > 0) return idsOf(best);
    }
    return [];
  }

  get #phases() {
    return this.panic ? PHASES.slice(1) : PHASES;
  }

  #offersOf(order: readonly number[], asked: readonly ModelMember[], avoid: ReadonlySet<string>): readonly string[] {
    for (const phase of this.#phases) {
      for (const priority of order) {
        const untried = this.#bestRung(asked, phase, priority, (member) => !avoid.has(member.endpoint.id));
        if (untried.length > 0) return this.#sides(untried, asked, priority).map((side) => idsOf(side).join(" "));
      }
      if (asked.some(this.#isIn(phase))) return [];
    }
    return [];
  }

  /** Those at home, and those elsewhere if calls may leave. */
  #sides(members: readonly ModelMember[], asked: readonly ModelMember[], priority: number): readonly (readonly ModelMember[])[] {
    const home = members.filter(isHome);
    const away = members.filter((member) => !isHome(member));
    if (home.length === 0 || away.length === 0) return [members];
    const known = asked.filter((member) => isHome(member) && member.endpoint.priority === priority);
    const isShort = known.filter((member) => this.#isSound(member)).length < 0.5 * known.length;
    return isShort || this.#mayAlwaysLeave ? [home, away] : [home];
  }

  #bestRung(
    from: readonly ModelMember[],
    phase: (typeof PHASES)[number],
    priority: number,
    where: Filter = () => true,
  ): readonly ModelMember[] {
    const there = from.filter((member) => member.endpoint.priority === priority && this.#isIn(phase)(member) && where(member));
    const tier = phase.tiers.find((candidate) => there.some((member) => this.#tier(member) === candidate));
    return there.filter((member) => this.#tier(member) === tier);
  }

  #isIn({ tiers, withHeld }: (typeof PHASES)[number]): Filter {
    return (member) => tiers.includes(this.#tier(member)) && (withHeld || this.#hold(member) !== "held");
  }

  /** Priorities that get a part of the calls: each as many as it can take, until all are taken. */
  #drawable(asked: readonly ModelMember[]): readonly number[] {
    let taken = 0;
    return prioritiesOf(asked).filter((priority) => {
      const known = asked.filter((member) => member.endpoint.priority === priority);
      const usable = known.filter(this.#isIn({ tiers: ["open", "waiting"], withHeld: this.panic }));
      const before = taken;
      taken += Math.min(1, 1.4 * (usable.length / known.length));
      return before < 1 && taken > before;
    });
  }

  #isSound(member: ModelMember): boolean {
    return ["open", "waiting"].includes(this.#tier(member)) && this.#hold(member) === "none";
  }

  #kept(endpoint: Endpoint): ModelMember {
    const kept = this.members.get(endpoint.id);
    if (kept === undefined) return newMember(endpoint);
    kept.endpoint = endpoint;
    return kept;
  }

  #tier(member: ModelMember): string {
    if (member.connectivity === "unreachable") return "none";
    if (member.lost) return "retrying";
    if (member.endpoint.health !== "healthy" || this.#isBelievedDraining(member)) return "lastResort";
    return member.connectivity === "connecting" ? "waiting" : "open";
  }

  #isBelievedDraining(member: ModelMember): boolean {
    const claims = [...this.members.values()].filter(({ drainingUntilMs }) => this.nowMs < drainingUntilMs);
    return claims.includes(member) && claims.length <= 0.5 * this.members.size;
  }

  #hold(member: ModelMember): "none" | "probing" | "held" {
    if (this.nowMs < member.restUntilMs) return "held";
    if (member.ejection === undefined) return "none";
    return this.nowMs >= member.ejection.untilMs && member.probes === 0 ? "probing" : "held";
  }

  #eject(member: ModelMember, ejections: number): void {
    const forMs = Math.min(1_000 * 2 ** (ejections - 1), 60_000);
    member.ejection = { forMs, untilMs: this.nowMs + forMs };
    member.last = { ...member.last, forMs, ejections };
    member.probes = 0;
  }

  #readmit(member: ModelMember): void {
    member.ejection = undefined;
    member.last.readmittedMs = this.nowMs;
    member.failures = 0;
    member.probes = 0;
  }

  #out(): number {
    return [...this.members.values()].filter((member) => member.ejection !== undefined).length;
  }

  #bound(): number {
    return this.members.size < 2 ? 0 : Math.max(1, Math.floor(this.members.size / 2));
  }
}

function newMember(endpoint: Endpoint): ModelMember {
  const last = { forMs: 0, ejections: 0, readmittedMs: -Infinity };
  const times = { restUntilMs: -Infinity, drainingUntilMs: -Infinity };
  return { endpoint, connectivity: "idle", lost: false, leases: 0, failures: 0, ejection: undefined, last, probes: 0, ...times };
}

function isHome({ endpoint }: ModelMember): boolean {
  return endpoint.locality?.zone === HOME;
}

function prioritiesOf(members: Iterable<ModelMember>): readonly number[] {
  return [...new Set([...members].map((member) => member.endpoint.priority))].sort();
}

function idsOf(members: readonly ModelMember[]): readonly string[] {
  return members.map((member) => member.endpoint.id).sort();
}

class Pair {
  readonly #model: Model;
  readonly #open: { readonly lease: Lease; readonly member: ModelMember; readonly startedMs: number }[] = [];
  readonly #balancer: Balancer;
  /** What pickers could choose from for the latest call. */
  readonly #offered = new Set<string>();

  /** @param isExact whether the model follows all that decides: then pickers must be offered exactly its sets */
  constructor(isExact: boolean) {
    this.#model = new Model(!isExact);
    const options: Partial<BalancerOptions> = isExact ? { policy: this.#listening, slowStart: false } : {};
    const detector = () => ({ onOutcome: accuse });
    this.#balancer = createBalancer({
      random: seededRandom(7),
      zone: HOME,
      ejection: { detectors: [detector], jitter: 0, steadyMs: 0 },
      ...options,
    });
  }

  get #listening(): Policy {
    return ({ candidates }) => ({
      pick: (context) => {
        const places = Array.from({ length: candidates.places(context) }, (_, place) => candidates.at(context, place));
        this.#offered.add(
          places
            .flatMap((member) => member?.endpoint.id ?? [])
            .sort()
            .join(" "),
        );
        return candidates.sample(context);
      },
    });
  }

  run(command: Command): void {
    const { nowMs } = this.#model;
    switch (command.type) {
      case "update":
        this.#balancer.update(command.endpoints, nowMs);
        return this.#model.update(command.endpoints);
      case "observe":
        this.#balancer.observe(command.id, command.connectivity, nowMs);
        return this.#model.observe(command.id, command.connectivity);
      case "report": {
        const { draining, utilization, warmUp } = command.claims;
        const report = { requestsPerSecond: 1, errorsPerSecond: 0, utilization, warmUp, ...(draining && { draining }) };
        this.#balancer.observe(command.id, report, nowMs);
        return this.#model.report(command.id, command.claims);
      }
      case "acquire":
        return this.#acquire({ method: "m", shard: command.shard, avoid: new Set(command.avoid) });
      case "settle":
        return this.#settle(command.index, command.kind);
      case "wait":
        this.#model.nowMs += command.ms;
    }
  }

  check(): void {
    const { nowMs } = this.#model;
    const snapshot = this.#balancer.inspect(nowMs);
    const inFlight = new Map(snapshot.members.map((member) => [member.endpoint.id, member.inFlight]));
    expect(inFlight).toEqual(new Map([...this.#model.members].map(([id, member]) => [id, member.leases])));
    expect(snapshot.panic).toBe(this.#model.panic);
    const eligible = snapshot.members.filter((member) => member.eligible).map((member) => member.endpoint.id);
    expect(eligible.sort()).toEqual(this.#model.eligible());
    expect(snapshot.eligible).toBe(eligible.length);
  }

  #acquire(context: PickContext): void {
    const { nowMs } = this.#model;
    for (let trial = 0; trial < 3; trial += 1) this.#tryAcquire(context)?.settle(testOutcome("abandoned"), nowMs);
    this.#take(this.#tryAcquire(context));
  }

  #tryAcquire(context: PickContext): Lease | undefined {
    const expected = this.#model.offers(context);
    this.#offered.clear();
    const lease = this.#balancer.acquire(context, this.#model.nowMs);
    expect(lease === undefined).toBe(expected.length === 0);
    for (const offer of this.#offered) expect(expected).toContain(offer);
    if (lease !== undefined) expect(expected.flatMap((ids) => ids.split(" "))).toContain(lease.endpoint.id);
    return lease;
  }

  #take(lease: Lease | undefined): void {
    if (lease === undefined) return;
    const member = this.#model.members.get(lease.endpoint.id) as ModelMember;
    const { nowMs } = this.#model;
    member.leases += 1;
    if (member.ejection !== undefined && nowMs >= member.ejection.untilMs) member.probes += 1;
    this.#open.push({ lease, member, startedMs: nowMs });
  }

  #settle(index: number, kind: OutcomeKind): void {
    const [settled] = this.#open.splice(index % Math.max(1, this.#open.length), 1);
    if (settled === undefined) return;
    const { nowMs } = this.#model;
    const outcome = testOutcome(kind, kind === "overload" ? { retryAfterMs: REST_MS } : {});
    settled.lease.settle(outcome, nowMs);
    settled.lease.settle(testOutcome("success"), nowMs);
    this.#model.settle(settled.member, settled.startedMs, kind);
  }
}

function accuse({ consecutiveFailures }: Member, { kind }: Outcome): string | undefined {
  return consecutiveFailures >= LIMIT && (kind === "failure" || kind === "timeout") ? "too many failures" : undefined;
}

const IDS = ["e0", "e1", "e2", "e3", "e4", "e5"];
const id = fc.constantFrom(...IDS);
const shard = fc.constantFrom(...SHARDS);
const endpoint = fc
  .record({
    id,
    shard,
    priority: fc.constantFrom(0, 0, 0, 1, 2),
    zone: fc.constantFrom(HOME, HOME, "away", undefined),
    health: fc.constantFrom("healthy", "healthy", "healthy", "unhealthy", "draining"),
  })
  .map(({ shard, zone, ...fields }) =>
    testEndpoint({
      ...fields,
      labels: shard === undefined ? {} : { shard },
      ...(zone !== undefined && { locality: { region: "r", zone } }),
    }),
  );
const endpoints = fc.uniqueArray(endpoint, { selector: (endpoint) => endpoint.id, maxLength: IDS.length });
const connectivity = fc.constantFrom<Connectivity>("idle", "connecting", "ready", "ready", "unreachable");
const kind = fc.constantFrom<OutcomeKind>(
  "success",
  "clientError",
  "failure",
  "failure",
  "failure",
  "timeout",
  "overload",
  "refused",
  "unreachable",
  "abandoned",
);
const draining = fc.constantFrom(false, false, true);
/** Without a word on load and warm-up: those decide in ways that the model does not follow. */
const plainClaims = fc.record({ draining, utilization: fc.constant(0), warmUp: fc.constant(1) });
const anyClaims = fc.record({ draining, utilization: fc.constantFrom(0, 0.5, 0.95), warmUp: fc.constantFrom(1, 0.2) });

function commandsOf(claims: fc.Arbitrary<Claims>): fc.Arbitrary<Command[]> {
  const command = fc.oneof(
    { weight: 1, arbitrary: fc.record({ type: fc.constant("update"), endpoints }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("observe"), id, connectivity }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("report"), id, claims }) },
    { weight: 8, arbitrary: fc.record({ type: fc.constant("acquire"), shard, avoid: fc.oneof(fc.constant([]), fc.uniqueArray(id)) }) },
    { weight: 8, arbitrary: fc.record({ type: fc.constant("settle"), index: fc.nat(20), kind }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("wait"), ms: fc.constantFrom(1, 150, 300, 1_000, 2_000, 30_000) }) },
  ) as fc.Arbitrary<Command>;
  return fc.array(command, { maxLength: 120, size: "max" });
}

test.each<[law: string, isExact: boolean, claims: fc.Arbitrary<Claims>]>([
  ["pickers are offered exactly what the rules say", true, plainClaims],
  ["the default policy chooses within the rules, and slow start makes nobody ineligible", false, anyClaims],
])("after any updates, observations, calls and time, in flight equals open leases, and %s", (_, isExact, claims) => {
  fc.assert(
    fc.property(endpoints, commandsOf(claims), (first, commands) => {
      const pair = new Pair(isExact);
      pair.run({ type: "update", endpoints: first });
      for (const command of commands) {
        pair.run(command);
        pair.check();
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});
