import type { RunResult, ServerResult } from "../result.ts";
import type { CellResults } from "../suite/cell.ts";
import { figures } from "../suite/figures.ts";
import { estimate } from "../suite/summary.ts";
import { rounded } from "./frame.ts";
import { html, type Markup } from "./html.ts";

const WIDTH = 200;
const HEIGHT = 64;
/** More pods than this are thinned out evenly: a bar is to be at least two units wide. */
const MAX_BARS = 100;
/** The busiest pod is that of the table: over all seeds, of the pods that were there all the time. */
const { label, of, format } = figures.callsMaxOverMean;

interface First {
  readonly name: string;
  readonly run: RunResult;
  readonly busiest: number;
}

/**
 * Calls by pod and unit of weight, of the first seed: a small picture for each entrant, all to the same scale, group by group, the busiest pod
 * first. Bounds may have one pod only: nothing to see.
 */
export function podsPicture({ runs }: CellResults): Markup {
  const firsts = [...runs].flatMap(([name, seeds]) => {
    const [run] = seeds;
    return run === undefined || run.perServer.length < 2 ? [] : [{ name, run, busiest: estimate(seeds.map(of)).mean }];
  });
  const groups = [...new Set(firsts.flatMap(({ run }) => run.perServer.map(({ group }) => group)))];
  const highest = Math.max(2, ...firsts.map(({ run }) => Math.max(...run.perServer.map(perUnit)) / meanPerUnit(run)));
  return html`<div class="pods">${firsts.map((first) => bars(first, groups, Math.min(highest, 5)))}</div>${groups.length > 1 && groupLegend(groups)}`;
}

function bars({ name, run, busiest }: First, groups: readonly string[], highest: number): Markup {
  const mean = meanPerUnit(run);
  const sorted = run.perServer.toSorted((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || perUnit(b) - perUnit(a));
  const shown = thinned(sorted);
  const step = WIDTH / shown.length;
  const y = (ratio: number) => rounded(HEIGHT - (Math.min(ratio, highest) / highest) * HEIGHT);
  const paths = groups.map((group, place) => {
    const strokes = shown.map((server, index) =>
      server.group === group ? `M${rounded((index + 0.5) * step)} ${HEIGHT}V${y(perUnit(server) / mean)}` : "",
    );
    return html`<path class="bar group${place % 4}" style="stroke-width:${rounded(Math.max(0.8, step * 0.8))}" d="${strokes.join("")}"/>`;
  });
  return html`<figure data-who="${name}"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Calls by pod, ${name}">${paths}<path class="rule" d="M0 ${y(1)}H${WIDTH}"/></svg><figcaption>${name} <span>${label} ${format(busiest)}</span></figcaption></figure>`;
}

function groupLegend(groups: readonly string[]): Markup {
  return html`<p class="groups">${groups.map((group, place) => html`<span><i class="group${place % 4}"></i>${group}</span> `)}</p>`;
}

function perUnit({ calls, weight }: ServerResult): number {
  return calls / weight;
}

function meanPerUnit({ perServer }: RunResult): number {
  const sum = (of: (server: ServerResult) => number) => perServer.reduce((total, server) => total + of(server), 0);
  return Math.max(1e-9, sum(({ calls }) => calls) / sum(({ weight }) => weight));
}

function thinned<T>(sorted: readonly T[]): readonly T[] {
  if (sorted.length <= MAX_BARS) return sorted;
  return Array.from({ length: MAX_BARS }, (_, index) => sorted[Math.round((index * (sorted.length - 1)) / (MAX_BARS - 1))] as T);
}
