import { Banners } from "./banners.tsx";
import { Charts } from "./charts.tsx";
import { EndpointTable } from "./endpoint-table.tsx";
import { EventList } from "./event-list.tsx";
import { span } from "./format.ts";
import { Help } from "./help.tsx";
import { Settings } from "./settings.tsx";
import { place, snapshot } from "./state.ts";
import { Tiles } from "./tiles.tsx";
import { Top } from "./top.tsx";

export function Page() {
  const shown = snapshot.value;
  return (
    <>
      <Top hasAnswer={shown !== undefined}>
        {shown !== undefined && (
          <>
            <Targets targets={shown.targets} />
            <p class="muted">
              {shown.process.name} · pid {shown.process.pid} · Node {shown.process.node} · up {span(shown.process.upForMs)}
            </p>
          </>
        )}
      </Top>
      <main>
        <Banners />
        <Tiles />
        <Charts />
        <EndpointTable />
        <div class="below">
          <EventList />
          <Settings />
        </div>
      </main>
      <Help>Figures are of the last ten seconds. Dashed lines in the charts are warnings.</Help>
    </>
  );
}

function Targets({ targets }: { readonly targets: readonly string[] }) {
  if (targets.length === 0) return <p>no transport is given</p>;
  if (targets.length === 1) return <p class="target">{targets[0]}</p>;
  return (
    <select
      class="target"
      aria-label="Which transport is shown"
      value={place.value}
      onChange={({ currentTarget }) => (place.value = Number(currentTarget.value))}
    >
      {targets.map((target, index) => (
        // Two may have one target.
        <option key={`${index} ${target}`} value={index}>
          {target}
        </option>
      ))}
    </select>
  );
}
