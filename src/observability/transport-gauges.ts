import type { BatchObservableResult, Meter } from "@opentelemetry/api";
import type { MemberSnapshot } from "../balancer/balancer.ts";
import type { TransportSnapshot } from "../transport/balanced-transport.ts";
import type { AttachedTransport } from "../transport/transport-telemetry.ts";
import { type Instruments, type ObservedName, observedNames } from "./instruments.ts";
import type { LabelBounds } from "./label-bounds.ts";

const standings = ["eligible", "held_back", "idle", "connecting", "unreachable", "ejected", "probing", "unhealthy", "draining"] as const;
type Standing = (typeof standings)[number];

/** A report that is older says nothing of now, in ms. */
const freshMs = 60_000;

/** What is added up over transports of the same target; of all but the counts, the largest counts. */
interface Figures {
  readonly standings: Record<Standing, number>;
  readonly values: Record<Exclude<ObservedName, "meshless.endpoints">, number>;
}

/** Answers what all transports look like when it is asked. */
export class TransportGauges {
  readonly #transports = new Set<AttachedTransport>();
  /** Of all transports that there were: an SDK goes on with the last figures of what it no longer hears of. */
  readonly #targets = new Set<string>();
  readonly #instruments: Instruments;
  readonly #bounds: LabelBounds;

  constructor(meter: Meter, instruments: Instruments, bounds: LabelBounds) {
    this.#instruments = instruments;
    this.#bounds = bounds;
    meter.addBatchObservableCallback(
      (result) => this.#observe(result),
      observedNames().map((name) => instruments[name]),
    );
  }

  add(transport: AttachedTransport): void {
    this.#transports.add(transport);
    this.#targets.add(this.#targetOf(transport));
  }

  delete(transport: AttachedTransport): void {
    this.#transports.delete(transport);
  }

  #targetOf({ target }: AttachedTransport): string {
    return this.#bounds.of("grpc.target", target);
  }

  #observe(result: BatchObservableResult): void {
    const byTarget = new Map([...this.#targets].map((target) => [target, nothing()]));
    for (const transport of this.#transports) addUp(byTarget.get(this.#targetOf(transport)) as Figures, transport.inspect());
    for (const [target, { standings: counts, values }] of byTarget) {
      const labels = { "grpc.target": target };
      for (const standing of standings) {
        result.observe(this.#instruments["meshless.endpoints"], counts[standing], { ...labels, "meshless.standing": standing });
      }
      for (const [name, value] of Object.entries(values)) result.observe(this.#instruments[name as keyof typeof values], value, labels);
    }
  }
}

function nothing(): Figures {
  const counts = Object.fromEntries(standings.map((standing) => [standing, 0])) as Figures["standings"];
  const names = observedNames().filter((name) => name !== "meshless.endpoints");
  return { standings: counts, values: Object.fromEntries(names.map((name) => [name, 0])) as Figures["values"] };
}

function addUp({ standings: counts, values }: Figures, snapshot: TransportSnapshot): void {
  const { endpoints, panic, retained, snapshotAgeMs = 0, sourceErrorForMs, retryBudget } = snapshot;
  values["meshless.transports"] += 1;
  for (const endpoint of endpoints) {
    counts[standingOf(endpoint)] += 1;
    values["meshless.calls.in_flight"] += endpoint.inFlight;
    if ((endpoint.reportAgeMs ?? Infinity) <= freshMs) values["meshless.endpoints.reporting"] += 1;
  }
  values["meshless.endpoints.retained"] += retained?.endpointIds.length ?? 0;
  values["meshless.retry_budget.refused"] += retryBudget.refused;
  const largest = (name: keyof Figures["values"], value: number) => {
    values[name] = Math.max(values[name], value);
  };
  largest("meshless.panic", Number(panic));
  largest("meshless.retry_budget.share", retryBudget.repeats / Math.max(1, retryBudget.calls));
  largest("meshless.discovery.snapshot_age", snapshotAgeMs / 1_000);
  largest("meshless.discovery.trouble", Number(sourceErrorForMs !== undefined));
  largest("meshless.discovery.stale_time", (sourceErrorForMs ?? 0) / 1_000);
}

/** The weightiest thing that can be said of an endpoint. */
function standingOf({ eligible, connectivity, ejection, endpoint: { health } }: MemberSnapshot): Standing {
  if (connectivity === "unreachable") return "unreachable";
  if (ejection !== "none") return ejection;
  if (health !== "healthy") return health;
  if (eligible) return "eligible";
  return connectivity === "ready" ? "held_back" : connectivity;
}
