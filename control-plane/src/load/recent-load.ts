import type { Clock } from "../clock.ts";
import type { LoadObserver } from "./load-reports.ts";
import type { LoadSeries } from "./load-series.ts";

const slotMs = 10_000;
/** The one that is being filled, and those of the minute before. */
const slots = 7;
const outcomes = ["issued", "succeeded", "failed"] as const;

/** What clients have reported of their calls in the last minute. */
export interface LoadFigures {
  readonly callsPerSecond: number;
  /** Of those that ended. Absent while none has. */
  readonly successShare?: number;
}

interface Series {
  readonly where: LoadSeries;
  /** By slot and outcome. */
  readonly counts: Float64Array;
  /** The slot that was counted last. */
  slot: number;
}

/** What clients have reported in the last minute, by service and zone. */
export class RecentLoad implements Partial<LoadObserver> {
  readonly #clock: Clock;
  readonly #series = new Map<string, Map<string, Series>>();
  readonly #startedAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAtMs = clock.now();
  }

  calls(where: LoadSeries, outcome: (typeof outcomes)[number], count: number): void {
    const { counts } = this.#at(where);
    const place = (this.#slot % slots) * outcomes.length + outcomes.indexOf(outcome);
    counts[place] = (counts[place] ?? 0) + count;
  }

  all(): LoadFigures {
    return this.#figures([...this.#series.values()].flatMap((zones) => [...zones.values()]));
  }

  /** Undefined where nobody has reported any. */
  of(service: string): LoadFigures | undefined {
    const zones = this.#series.get(service);
    return zones && this.#figures([...zones.values()]);
  }

  byZone(service: string): readonly (Omit<LoadSeries, "service"> & LoadFigures)[] {
    const zones = [...(this.#series.get(service)?.values() ?? [])];
    return zones.map((series) => ({ region: series.where.region, zone: series.where.zone, ...this.#figures([series]) }));
  }

  get #slot(): number {
    return Math.floor((this.#clock.now() - this.#startedAtMs) / slotMs);
  }

  #at(where: LoadSeries): Series {
    const zones = this.#series.get(where.service) ?? new Map<string, Series>();
    this.#series.set(where.service, zones);
    const key = `${where.region}\0${where.zone}`;
    const series = zones.get(key) ?? { where, counts: new Float64Array(slots * outcomes.length), slot: this.#slot };
    zones.set(key, series);
    this.#forget(series);
    return series;
  }

  /** Slots that are older than a minute, which are to be filled anew. */
  #forget(series: Series): void {
    const now = this.#slot;
    for (let slot = Math.max(series.slot + 1, now - slots + 1); slot <= now; slot++) {
      series.counts.fill(0, (slot % slots) * outcomes.length, ((slot % slots) + 1) * outcomes.length);
    }
    series.slot = now;
  }

  #figures(all: readonly Series[]): LoadFigures {
    const sums = [0, 0, 0];
    for (const series of all) {
      this.#forget(series);
      series.counts.forEach((count, place) => {
        sums[place % outcomes.length] = (sums[place % outcomes.length] ?? 0) + count;
      });
    }
    const [issued = 0, succeeded = 0, failed = 0] = sums;
    const passedMs = this.#clock.now() - this.#startedAtMs;
    const windowMs = Math.max(slotMs, Math.min(passedMs, (slots - 1) * slotMs + (passedMs % slotMs)));
    return {
      callsPerSecond: (issued * 1_000) / windowMs,
      ...(succeeded + failed > 0 && { successShare: succeeded / (succeeded + failed) }),
    };
  }
}
