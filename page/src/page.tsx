import { Banners } from "./banners.tsx";
import { Charts } from "./charts.tsx";
import { EndpointTable } from "./endpoint-table.tsx";
import { EventList } from "./event-list.tsx";
import { span } from "./format.ts";
import { Help } from "./help.tsx";
import { Settings } from "./settings.tsx";
import { isHelpOpen, isPaused, place, silence, snapshot } from "./state.ts";
import { changeTheme, isDark } from "./theme.ts";
import { Tiles } from "./tiles.tsx";

export function Page() {
  return (
    <>
      <Top />
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
      <Help />
    </>
  );
}

function Top() {
  const shown = snapshot.value;
  return (
    <header class="top">
      <h1>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M4 10 16 4M4 10l12 6M4 10h12" />
          <circle cx="4" cy="10" r="3" />
          <circle cx="16" cy="4" r="2.4" />
          <circle cx="16" cy="10" r="2.4" />
          <circle cx="16" cy="16" r="2.4" />
        </svg>
        meshless
      </h1>
      {shown !== undefined && (
        <>
          <Targets targets={shown.targets} />
          <p class="muted">
            {shown.process.name} · pid {shown.process.pid} · Node {shown.process.node} · up {span(shown.process.upForMs)}
          </p>
        </>
      )}
      <p class={`pulse ${isPaused.value ? "info" : silence.value === undefined ? "good" : "bad"}`} role="status">
        {isPaused.value ? "paused" : silence.value === undefined ? (shown === undefined ? "asking" : "live") : "no answer"}
      </p>
      <button type="button" onClick={() => (isPaused.value = !isPaused.value)} title="p">
        {isPaused.value ? "go on" : "pause"}
      </button>
      <button type="button" onClick={changeTheme} title="t" aria-label={isDark.value ? "light colours" : "dark colours"}>
        {isDark.value ? "☀" : "☾"}
      </button>
      <button type="button" onClick={() => (isHelpOpen.value = true)} title="?" aria-label="keys">
        ?
      </button>
    </header>
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
