import type { CallTraffic, DebuggedTransport } from "../../src/debug/debug-snapshot.ts";
import { count, milliseconds, percent, span } from "./format.ts";
import { history } from "./history.ts";
import { badgeOf } from "./standing.ts";
import { transport } from "./state.ts";
import { Tile, toneOfSuccess } from "./tile.tsx";

/** The state of all in one line. */
export function Tiles() {
  const shown = transport.value;
  if (shown === undefined) return null;
  const { traffic } = shown;
  const { successShare } = traffic;
  return (
    <section class="tiles" aria-label="All calls of the last ten seconds">
      <Tile name="Calls" value={count(traffic.callsPerSecond)} unit="/s" spark={<Spark of="callsPerSecond" />} />
      <Tile name="Success" value={percent(successShare)} tone={toneOfSuccess(successShare)} spark={<Spark of="successShare" />} />
      <Tile name="p50" value={milliseconds(traffic.p50Ms)} spark={<Spark of="p50Ms" />} />
      <Tile name="p99" value={milliseconds(traffic.p99Ms)} spark={<Spark of="p99Ms" />} />
      <Tile
        name="Repeats"
        value={percent(traffic.repeatedShare)}
        tone={(traffic.repeatedShare ?? 0) > 0.1 ? "warn" : "muted"}
        spark={<Spark of="repeatedShare" />}
      />
      <BudgetTile shown={shown} />
      <EndpointsTile shown={shown} />
      <SourceTile shown={shown} />
    </section>
  );
}

const width = 100;
const height = 22;
const points = 60;

function Spark({ of }: { readonly of: Exclude<keyof CallTraffic, "windowMs"> }) {
  const values = history.value.ticks.slice(-points).map(({ traffic }) => traffic[of]);
  const known = values.filter((value) => value !== undefined);
  const [low, high] = [Math.min(...known, of === "successShare" ? 1 : Number.POSITIVE_INFINITY), Math.max(...known)];
  const start = points - values.length;
  const path = values.flatMap((value, place) =>
    value === undefined
      ? []
      : [
          `${((start + place) * width) / (points - 1)},${high === low ? height / 2 : height - 1 - ((value - low) / (high - low)) * (height - 2)}`,
        ],
  );
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={path.join(" ")} />
    </svg>
  );
}

function EndpointsTile({ shown }: { readonly shown: DebuggedTransport }) {
  const { endpoints, endpointsLeftOut, panic } = shown;
  const badges = endpoints.map(badgeOf);
  const others = Map.groupBy(
    endpoints.filter(({ standing }) => standing !== "sound"),
    ({ standing }) => standing,
  );
  const sound = endpoints.filter(({ standing }) => standing === "sound").length;
  const worst = badges.reduce((rank, badge) => Math.max(rank, badge.rank), 0);
  const counts = [...others].map(([standing, { length }]) => `${length} ${standing}`).join(", ");
  return (
    <Tile
      name="Sound endpoints"
      value={`${sound} of ${endpoints.length + endpointsLeftOut}`}
      tone={panic ? "bad" : worst > 2 ? "warn" : "good"}
    >
      {panic && <b>panic: nobody is held. </b>}
      {counts === "" ? "no panic" : counts}
    </Tile>
  );
}

/** How much of what may be made again is left. */
function BudgetTile({ shown: { retryBudget } }: { readonly shown: DebuggedTransport }) {
  const { repeats, allowed, refused } = retryBudget;
  const left = allowed === 0 ? undefined : Math.max(0, 1 - repeats / allowed);
  const title = `${count(repeats)} of ${count(allowed)} repeats in the last ten seconds; ${count(refused)} were not allowed, ever`;
  return (
    <Tile name="Retry budget" value={percent(left, 0)} tone={left !== undefined && left < 0.1 ? "warn" : "muted"} title={title}>
      {count(repeats)} of {count(allowed)} used
    </Tile>
  );
}

function SourceTile({ shown }: { readonly shown: DebuggedTransport }) {
  const { target, state, sourceError, sourceErrorForMs = 0, snapshotAgeMs } = shown;
  const name = target.startsWith("xds:") ? "Control plane" : "Source";
  if (sourceError !== undefined) {
    return (
      <Tile name={name} value={`stale for ${span(sourceErrorForMs)}`} tone="bad" title={sourceError}>
        {sourceError}
      </Tile>
    );
  }
  if (snapshotAgeMs !== undefined) {
    return (
      <Tile name={name} value={`a file, ${span(snapshotAgeMs)} old`} tone="warn">
        the source has said nothing yet
      </Tile>
    );
  }
  if (state !== "open") return <Tile name={name} value={state === "noSuchService" ? "no such service" : state} tone="warn" />;
  return (
    <Tile name={name} value="live" tone="good">
      its last word stands
    </Tile>
  );
}
