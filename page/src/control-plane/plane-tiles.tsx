import type { PlaneSnapshot } from "../../../control-plane/src/admin/plane-snapshot.ts";
import { count, milliseconds, percent } from "../format.ts";
import { Tile, toneOfSuccess } from "../tile.tsx";
import { snapshot } from "./state.ts";

/** The state of all in one line. */
export function PlaneTiles() {
  const shown = snapshot.value;
  if (shown === undefined) return null;
  const { registry, load, refusing, behind } = shown;
  return (
    <section class="tiles even" aria-label="All services and clients">
      <Tile name="Services" value={String(registry.services)} tone={registry.isComplete ? "good" : "bad"}>
        {registry.isComplete ? "all are known" : "not all are known"}
      </Tile>
      <Tile name="Endpoints" value={String(registry.endpoints)} tone={registry.refusedEndpoints > 0 ? "warn" : "muted"}>
        {registry.refusedEndpoints} refused
      </Tile>
      <Tile name="Streams" value={String(shown.streams)} />
      <Tile name="Refusing" value={String(refusing)} tone={refusing > 0 ? "bad" : "good"}>
        what they were sent
      </Tile>
      <Tile name="Behind" value={String(behind)} tone={behind > 0 ? "info" : "muted"}>
        a change is under way
      </Tile>
      <PropagationTile shown={shown} />
      <Tile name="Calls" value={count(load.callsPerSecond)} unit="/s" tone={toneOfSuccess(load.successShare)}>
        {load.successShare === undefined ? "nobody reports any" : `${percent(load.successShare)} succeed`}
      </Tile>
    </section>
  );
}

function PropagationTile({ shown: { propagation } }: { readonly shown: PlaneSnapshot }) {
  const { changes, p50Ms, p99Ms, maxMs } = propagation;
  const title = "From a change in the registry until a client has accepted it: of the last five minutes";
  return (
    <Tile name="Propagation p99" value={milliseconds(p99Ms)} title={title}>
      {changes === 0 ? "no changes of late" : `p50 ${milliseconds(p50Ms)}, at most ${milliseconds(maxMs)}, of ${changes}`}
    </Tile>
  );
}
