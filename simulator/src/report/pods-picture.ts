import type { RunResult } from "../result.ts";
import type { CellResults } from "../suite/cell.ts";
import { formatRatio } from "../suite/format.ts";
import { rounded } from "./frame.ts";
import { html, type Markup } from "./html.ts";

const WIDTH = 200;
const HEIGHT = 64;
/** More pods than this are thinned out evenly: a bar is to be at least two units wide. */
const MAX_BARS = 100;

/** Calls by pod, of the first seed: a small picture for each entrant, all to the same scale, group by group, the busiest pod first. Bounds may have one pod only: nothing to see. */
export function podsPicture({ runs }: CellResults): Markup {
  const firsts = [...runs].flatMap(([name, [first]]) => (first === undefined || first.perServer.length < 2 ? [] : [{ name, run: first }]));
  const groups = [...new Set(firsts.flatMap(({ run }) => run.perServer.map(({ group }) => group)))];
  const highest = Math.max(2, ...firsts.map(({ run }) => Math.max(...run.perServer.map(({ calls }) => calls)) / meanCalls(run)));
  return html`<div class="pods">${firsts.map(({ name, run }) => bars(name, run, groups, Math.min(highest, 5)))}</div>${groups.length > 1 && groupLegend(groups)}`;
}

function bars(name: string, run: RunResult, groups: readonly string[], highest: number): Markup {
  const mean = meanCalls(run);
  const sorted = run.perServer.toSorted((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || b.calls - a.calls);
  const shown = thinned(sorted);
  const step = WIDTH / shown.length;
  const y = (ratio: number) => rounded(HEIGHT - (Math.min(ratio, highest) / highest) * HEIGHT);
  const paths = groups.map((group, place) => {
    const strokes = shown.map((server, index) =>
      server.group === group ? `M${rounded((index + 0.5) * step)} ${HEIGHT}V${y(server.calls / mean)}` : "",
    );
    return html`<path class="bar group${place % 4}" style="stroke-width:${rounded(Math.max(0.8, step * 0.8))}" d="${strokes.join("")}"/>`;
  });
  const busiest = Math.max(...sorted.map(({ calls }) => calls)) / mean;
  return html`<figure data-who="${name}"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Calls by pod, ${name}">${paths}<path class="rule" d="M0 ${y(1)}H${WIDTH}"/></svg><figcaption>${name} <span>busiest ${formatRatio(busiest)}×</span></figcaption></figure>`;
}

function groupLegend(groups: readonly string[]): Markup {
  return html`<p class="groups">${groups.map((group, place) => html`<span><i class="group${place % 4}"></i>${group}</span> `)}</p>`;
}

function meanCalls({ perServer }: RunResult): number {
  return Math.max(1e-9, perServer.reduce((total, { calls }) => total + calls, 0) / perServer.length);
}

function thinned<T>(sorted: readonly T[]): readonly T[] {
  if (sorted.length <= MAX_BARS) return sorted;
  return Array.from({ length: MAX_BARS }, (_, index) => sorted[Math.round((index * (sorted.length - 1)) / (MAX_BARS - 1))] as T);
}
