import type { BatchObservableResult, Meter } from "@opentelemetry/api";
import type { MemberSnapshot } from "../balancer/balancer.ts";
import type { AttachedTransport } from "../transport/transport-telemetry.ts";
import { type GaugeName, gaugeNames, type Instruments } from "./instruments.ts";
import type { LabelBounds } from "./label-bounds.ts";

const standings = ["eligible", "held_back", "idle", "connecting", "unreachable", "ejected", "probing", "unhealthy", "draining"] as const;
type Standing = (typeof standings)[number];

/** A report that is older says nothing of now, in ms. */
const freshMs = 60_000;

/** What is added up over transports of the same target; of all but the counts, the largest counts. */
interface Figures {
  readonly standings: Record<Standing, number>;
  readonly values: Record<Exclude<GaugeName, "meshless.endpoints">, number>;
}

/** Answers what all transports look like when it is asked. */
export class TransportGauges {
  readonly #transports = new Map<AttachedTransport, { troubleSinceMs: number | undefined }>();
  /** Of all transports that there were: an SDK goes on with the last figures of what it no longer hears of. */
  readonly #targets = new Set<string>();
  readonly #instruments: Instruments;
  readonly #bounds: LabelBounds;

  constructor(meter: Meter, instruments: Instruments, bounds: LabelBounds) {
    this.#instruments = instruments;
    this.#bounds = bounds;
    meter.addBatchObservableCallback(
      (result) => this.#observe(result),
      gaugeNames().map((name) => instruments[name]),
    );
  }

  add(transport: AttachedTransport): void {
    this.#transports.set(transport, { troubleSinceMs: undefined });
    this.#targets.add(this.#targetOf(transport));
  }

  delete(transport: AttachedTransport): void {
    this.#transports.delete(transport);
  }

  /** The source is in trouble from now on, if it was not before. */
  onTrouble(transport: AttachedTransport): void {
    const known = this.#transports.get(transport);
    if (known !== undefined) known.troubleSinceMs ??= transport.clock.now();
  }

  onUpdate(transport: AttachedTransport): void {
    const known = this.#transports.get(transport);
    if (known !== undefined) known.troubleSinceMs = undefined;
  }

  #targetOf({ target }: AttachedTransport): string {
    return this.#bounds.of("grpc.target", target);
  }

  #observe(result: BatchObservableResult): void {
    const byTarget = new Map([...this.#targets].map((target) => [target, nothing()]));
    for (const [transport, { troubleSinceMs }] of this.#transports) {
      addUp(byTarget.get(this.#targetOf(transport)) as Figures, transport, troubleSinceMs);
    }
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
  const names = gaugeNames().filter((name) => name !== "meshless.endpoints");
  return { standings: counts, values: Object.fromEntries(names.map((name) => [name, 0])) as Figures["values"] };
}

function addUp({ standings: counts, values }: Figures, transport: AttachedTransport, troubleSinceMs: number | undefined): void {
  const { endpoints, panic, retained, snapshotAgeMs = 0, sourceError } = transport.inspect();
  for (const endpoint of endpoints) {
    counts[standingOf(endpoint)] += 1;
    values["meshless.calls.in_flight"] += endpoint.inFlight;
    if ((endpoint.reportAgeMs ?? Infinity) <= freshMs) values["meshless.endpoints.reporting"] += 1;
  }
  values["meshless.endpoints.retained"] += retained?.endpointIds.length ?? 0;
  const largest = (name: keyof Figures["values"], value: number) => {
    values[name] = Math.max(values[name], value);
  };
  largest("meshless.panic", Number(panic));
  largest("meshless.discovery.snapshot_age", snapshotAgeMs / 1_000);
  if (sourceError === undefined) return;
  largest("meshless.discovery.trouble", 1);
  largest("meshless.discovery.stale_time", troubleSinceMs === undefined ? 0 : (transport.clock.now() - troubleSinceMs) / 1_000);
}

/** The weightiest thing that can be said of an endpoint. */
function standingOf({ eligible, connectivity, ejection, endpoint: { health } }: MemberSnapshot): Standing {
  if (connectivity === "unreachable") return "unreachable";
  if (ejection !== "none") return ejection;
  if (health !== "healthy") return health;
  if (eligible) return "eligible";
  return connectivity === "ready" ? "held_back" : connectivity;
}
