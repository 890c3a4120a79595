import type { CellResults } from "../suite/cell.ts";
import { errorCurve, p99Curve } from "./curves.ts";
import { type Axis, frame, PLOT, rounded } from "./frame.ts";
import { html, type Markup } from "./html.ts";
import { type Curves, curvesOf, heights, lines } from "./lines.ts";
import type { Looks } from "./looks.ts";
import { latencyAxis, shareAxis, timeAxis } from "./scales.ts";

/** Below this share of calls in every second, a picture of errors would be empty. */
const WORTH_SHOWING = 0.001;

/** p99 second by second, with the faults shaded. */
export function p99Picture(results: CellResults, looks: Looks, focus: string): Markup {
  const curves = curvesOf(results.runs, p99Curve);
  return overTime(`p99 over time, ${results.cell.scenario.name}`, results, curves, latencyAxis("p99", heights(curves)), looks, focus);
}

/** Errors second by second; undefined if there are hardly any. */
export function errorPicture(results: CellResults, looks: Looks, focus: string): Markup | undefined {
  const curves = curvesOf(results.runs, errorCurve);
  const highest = Math.max(0, ...heights(curves));
  if (highest < WORTH_SHOWING) return undefined;
  return overTime(`Errors over time, ${results.cell.scenario.name}`, results, curves, shareAxis("failed calls", highest), looks, focus);
}

function overTime(title: string, { cell }: CellResults, curves: Curves, y: Axis, looks: Looks, focus: string): Markup {
  const { warmUpMs = 0, durationMs, windows = [] } = cell.scenario;
  const x = timeAxis(warmUpMs, durationMs);
  const shaded = windows.filter((window) => window.shaded);
  const shades = shaded.map(({ label, fromMs, toMs }) => {
    const [from, to] = [rounded(x.scale(fromMs / 1000)), rounded(x.scale(toMs / 1000))];
    return html`<rect class="shade" x="${from}" y="${PLOT.top}" width="${rounded(to - from)}" height="${PLOT.bottom - PLOT.top}"/><text class="label" x="${rounded((from + to) / 2)}" y="${PLOT.top + 11}" text-anchor="middle">${label}</text>`;
  });
  return frame(title, x, y, shades, lines(curves, x, y, looks, focus));
}
