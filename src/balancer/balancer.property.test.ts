import fc from "fast-check";
import { expect, test } from "vitest";
import type { Endpoint } from "../endpoint.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import { testOutcome } from "../testing/test-outcome.ts";
import type { Balancer, Lease } from "./balancer.ts";
import type { Candidates } from "./candidates.ts";
import { createBalancer } from "./create-balancer.ts";
import type { Connectivity } from "./member.ts";
import type { OutcomeKind } from "./outcome.ts";
import type { PickContext } from "./pick-context.ts";

// The balancer keeps its sets change by change. This model computes who is eligible from nothing, each time, from the rules as written.

type Command =
  | { readonly type: "update"; readonly endpoints: readonly Endpoint[] }
  | { readonly type: "observe"; readonly id: string; readonly connectivity: Connectivity }
  | { readonly type: "acquire"; readonly shard: string | undefined; readonly avoid: readonly string[] }
  | { readonly type: "settle"; readonly index: number; readonly kind: OutcomeKind }
  | { readonly type: "wait"; readonly ms: number };

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
}

const LIMIT = 2;
const REST_MS = 300;
const SHARDS = [undefined, "a", "b"];

class Model {
  members = new Map<string, ModelMember>();
  nowMs = 0;

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

  settle(member: ModelMember, startedMs: number, kind: OutcomeKind): void {
    member.leases -= 1;
    if (this.members.get(member.endpoint.id) !== member) return;
    const isProbe = member.ejection !== undefined && startedMs >= member.ejection.untilMs;
    if (isProbe) member.probes -= 1;
    if (kind === "overload") member.restUntilMs = Math.max(member.restUntilMs, this.nowMs + REST_MS);
    if (kind === "abandoned" || startedMs < member.last.readmittedMs) return;
    const failed = kind === "failure" || kind === "timeout";
    member.failures = failed ? member.failures + 1 : kind === "success" ? 0 : member.failures;
    if (isProbe && kind === "success") this.#readmit(member);
    else if (isProbe && failed) this.#eject(member, member.last.ejections + 1);
    else if (member.ejection === undefined && failed && member.failures >= LIMIT && this.#out() < this.#bound()) {
      const relapse = this.nowMs - member.last.readmittedMs < member.last.forMs;
      this.#eject(member, relapse ? member.last.ejections + 1 : 1);
    }
  }

  get panic(): boolean {
    const sound = [...this.members.values()].filter(
      (member) => ["open", "waiting"].includes(this.#tier(member)) && this.#hold(member) === "none",
    );
    return sound.length < 0.5 * this.members.size;
  }

  eligible({ shard, avoid = new Set() }: PickContext): string[] {
    const asked = [...this.members.values()].filter((member) => shard === undefined || member.endpoint.labels.shard === shard);
    const free = (member: ModelMember) => this.panic || this.#hold(member) !== "held";
    const priorities = [...new Set(asked.map((member) => member.endpoint.priority))].sort();
    const groups = (tiers: readonly string[], from: readonly ModelMember[]) =>
      priorities.flatMap((priority) =>
        tiers.map((tier) => from.filter((member) => member.endpoint.priority === priority && this.#tier(member) === tier)),
      );
    const phases = [
      groups(["open", "waiting"], asked.filter(free)),
      groups(["open", "waiting"], asked),
      groups(["lastResort"], asked),
      groups(["retrying"], asked),
    ];
    const phase = phases.find((candidates) => candidates.some((group) => group.length > 0)) ?? [];
    const untried = phase.map((group) => group.map((member) => member.endpoint.id).filter((id) => !avoid.has(id)));
    return (untried.find((group) => group.length > 0) ?? []).sort();
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
    if (member.endpoint.health !== "healthy") return "lastResort";
    return member.connectivity === "connecting" ? "waiting" : "open";
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
  return { endpoint, connectivity: "idle", lost: false, leases: 0, failures: 0, ejection: undefined, last, probes: 0, restUntilMs: 0 };
}

/** A balancer and its model, taken through the same commands. */
class Pair {
  readonly #model = new Model();
  readonly #open: { readonly lease: Lease; readonly member: ModelMember; readonly startedMs: number }[] = [];
  readonly #balancer: Balancer;
  #candidates: Candidates | undefined;

  constructor() {
    this.#balancer = createBalancer({
      random: seededRandom(7),
      ejection: { detectors: [{ onOutcome: ({ consecutiveFailures }, { kind }) => accuse(consecutiveFailures, kind) }], jitter: 0 },
      policy: ({ candidates }) => {
        this.#candidates = candidates;
        return { pick: (context) => candidates.sample(context) };
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
    expect(eligible.sort()).toEqual(this.#model.eligible({ method: "m" }));
    expect(snapshot.eligible).toBe(eligible.length);
  }

  #acquire(context: PickContext): void {
    const { nowMs } = this.#model;
    const expected = this.#model.eligible(context);
    const lease = this.#balancer.acquire({ ...context, avoid: new Set(IDS) }, nowMs);
    expect(lease).toBeUndefined();
    expect(this.#offered(context)).toEqual(expected);
    this.#take(this.#balancer.acquire(context, nowMs), expected);
  }

  /** Everybody that a policy could choose for the call. */
  #offered(context: PickContext): string[] {
    const candidates = this.#candidates as Candidates;
    const places = Array.from({ length: candidates.places(context) }, (_, place) => candidates.at(context, place));
    return places.flatMap((member) => member?.endpoint.id ?? []).sort();
  }

  #take(lease: Lease | undefined, expected: readonly string[]): void {
    if (lease === undefined) return expect(expected).toEqual([]);
    expect(expected).toContain(lease.endpoint.id);
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

function accuse(failures: number, kind: OutcomeKind): string | undefined {
  return failures >= LIMIT && (kind === "failure" || kind === "timeout") ? "too many failures" : undefined;
}

const IDS = ["e0", "e1", "e2", "e3", "e4", "e5"];
const id = fc.constantFrom(...IDS);
const shard = fc.constantFrom(...SHARDS);
const endpoint = fc
  .record({
    id,
    shard,
    priority: fc.constantFrom(0, 0, 0, 1),
    health: fc.constantFrom("healthy", "healthy", "healthy", "unhealthy", "draining"),
  })
  .map(({ shard, ...fields }) => testEndpoint({ ...fields, labels: shard === undefined ? {} : { shard } }));
const endpoints = fc.uniqueArray(endpoint, { selector: (endpoint) => endpoint.id, maxLength: IDS.length });
const connectivity = fc.constantFrom<Connectivity>("idle", "connecting", "ready", "ready", "unreachable");
const kind = fc.constantFrom<OutcomeKind>(
  "success",
  "failure",
  "failure",
  "failure",
  "timeout",
  "overload",
  "refused",
  "unreachable",
  "abandoned",
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ type: fc.constant("update"), endpoints }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("observe"), id, connectivity }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant("acquire"), shard, avoid: fc.oneof(fc.constant([]), fc.uniqueArray(id)) }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant("settle"), index: fc.nat(20), kind }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("wait"), ms: fc.constantFrom(1, 150, 300, 1_000, 2_000) }) },
) as fc.Arbitrary<Command>;

test("after any updates, observations, calls and time, in flight equals open leases, and those eligible are those of the rules", () => {
  fc.assert(
    fc.property(endpoints, fc.array(command, { maxLength: 120, size: "max" }), (first, commands) => {
      const pair = new Pair();
      pair.run({ type: "update", endpoints: first });
      for (const command of commands) {
        pair.run(command);
        pair.check();
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});
