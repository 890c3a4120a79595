import { span } from "../format.ts";
import { Help } from "../help.tsx";
import { LookingBanners } from "../looking-banners.tsx";
import { Top } from "../top.tsx";
import { ClientTable } from "./client-table.tsx";
import { PlaneTiles } from "./plane-tiles.tsx";
import { ServiceEndpoints } from "./service-endpoints.tsx";
import { ServiceTable } from "./service-table.tsx";
import { snapshot } from "./state.ts";

export function PlanePage() {
  const shown = snapshot.value;
  return (
    <>
      <Top hasAnswer={shown !== undefined}>
        <p class="target">control plane</p>
        {shown !== undefined && (
          <p class="muted">
            {shown.registry.description} · pid {shown.process.pid} · Node {shown.process.node} · up {span(shown.process.upForMs)}
          </p>
        )}
      </Top>
      <main>
        <Banners />
        <PlaneTiles />
        <ServiceTable />
        <ClientTable />
        <ServiceEndpoints />
      </main>
      <Help>
        Calls are those that clients have reported in the last minute. A service that is open shows its endpoints, and who asks for it.
      </Help>
    </>
  );
}

/** What somebody ought to know before all else. */
function Banners() {
  const shown = snapshot.value;
  return (
    <div class="banners" aria-live="polite">
      <LookingBanners hasAnswer={shown !== undefined} />
      {shown?.registry.isComplete === false && (
        <p class="bad">
          <b>Nothing is served yet.</b> The registry has not told all that there is.
        </p>
      )}
      {shown?.registry.troubles.map((trouble) => (
        <p key={trouble} class="warn">
          <b>The last good state stands in.</b> {trouble}
        </p>
      ))}
      {shown !== undefined && shown.registry.refusedEndpoints > 0 && (
        <p class="warn">
          <b>Endpoints refused: {shown.registry.refusedEndpoints}.</b> Nobody may serve at such addresses: see --allow-addresses.
        </p>
      )}
    </div>
  );
}
