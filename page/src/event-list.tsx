import { signal } from "@preact/signals";
import { timeOfDay } from "./format.ts";
import { history } from "./history.ts";
import { opened } from "./looking.ts";
import { pointed } from "./state.ts";

const isAllShown = signal(false);
/** More nobody reads. */
const maxShown = 200;

const icons = { debug: "·", info: "i", warn: "!", error: "✕" } as const;
const tones = { debug: "muted", info: "info", warn: "warn", error: "bad" } as const;

/** What happened, the latest first. */
export function EventList() {
  const shown = history.value.events.filter(({ level }) => isAllShown.value || level !== "debug").slice(0, maxShown);
  return (
    <section class="card">
      <header>
        <h2>Events</h2>
        <label class="muted">
          <input type="checkbox" checked={isAllShown.value} onChange={({ currentTarget }) => (isAllShown.value = currentTarget.checked)} />
          usual ones as well
        </label>
      </header>
      <ol class="events">
        {shown.length === 0 && <li class="muted">none so far</li>}
        {shown.map(({ number, atMs, level, message, endpoint }) => (
          <li
            key={number}
            class={tones[level]}
            onMouseEnter={() => (pointed.value = endpoint)}
            onMouseLeave={() => (pointed.value = undefined)}
          >
            <time>{timeOfDay(atMs)}</time>
            <i role="img" aria-label={level}>
              {icons[level]}
            </i>
            <span>{message}</span>
            {endpoint !== undefined && (
              <button type="button" aria-label={`show ${endpoint}`} onClick={() => (opened.value = endpoint)}>
                ↗
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
