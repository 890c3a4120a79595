import { computed, signal } from "@preact/signals";
import { colourOf } from "./colours.ts";
import { history, type Tick } from "./history.ts";
import { transport } from "./state.ts";
import { isDark } from "./theme.ts";

/** An endpoint as charts show it. */
export interface Line {
  readonly id: string;
  readonly zone: string;
  readonly colour: string;
}

export const quantile = signal<"p50Ms" | "p99Ms">("p50Ms");

export const zones = computed(() =>
  [...new Set((transport.value?.endpoints ?? []).map(({ endpoint }) => endpoint.locality?.zone ?? ""))].sort(),
);

/** All endpoints, by zone and then by name: whoever is there now. */
export const lines = computed<readonly Line[]>(() => {
  const endpoints = (transport.value?.endpoints ?? []).map(({ endpoint }) => ({ id: endpoint.id, zone: endpoint.locality?.zone ?? "" }));
  const byZone = Map.groupBy(endpoints, ({ zone }) => zone);
  return zones.value.flatMap((zone, zonePlace) =>
    (byZone.get(zone) ?? [])
      .sort((one, other) => one.id.localeCompare(other.id, "en", { numeric: true }))
      .map(({ id }, place) => ({ id, zone, colour: colourOf(zonePlace, place, zones.value.length, isDark.value) })),
  );
});

export const colours = computed(() => new Map(lines.value.map(({ id, colour }) => [id, colour])));

type Column = (number | null)[];

/** A column of times, and one for each line. */
export type Columns = [times: number[], ...values: Column[]];

export function latencyColumns(): Columns {
  const { ticks } = history.value;
  return [timesOf(ticks), ...lines.value.map(({ id }) => ticks.map(({ points }) => points.get(id)?.[quantile.value] ?? null))];
}

/** Each on top of those before it, from 0 to 1. */
export function shareColumns(): Columns {
  const { ticks } = history.value;
  // Without traffic, nobody has a share.
  const sums: Column = ticks.map(({ traffic }) => (traffic.callsPerSecond === 0 ? null : 0));
  const columns = lines.value.map(({ id }) =>
    ticks.map(({ points }, tick) => {
      const below = sums[tick] ?? null;
      const sum = below === null ? null : below + (points.get(id)?.share ?? 0);
      sums[tick] = sum;
      return sum;
    }),
  );
  return [timesOf(ticks), ...columns];
}

function timesOf(ticks: readonly Tick[]): number[] {
  return ticks.map(({ atS }) => atS);
}
