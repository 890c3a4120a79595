import type { CellResults } from "../suite/cell.ts";
import { tailCurve } from "./curves.ts";
import { type Axis, frame, PLOT, rounded } from "./frame.ts";
import { html, type Markup } from "./html.ts";
import { curvesOf, heights, lines } from "./lines.ts";
import type { Looks } from "./looks.ts";
import { latencyAxis, ninesAxis } from "./scales.ts";

/** Latency by how rare it is, with room for the tail: a distribution drawn as usual squeezes the slowest percent into its last pixels. */
export function latencyPicture({ cell, runs }: CellResults, looks: Looks, focus: string): Markup {
  const curves = curvesOf(runs, tailCurve);
  const x = ninesAxis(Math.max(...[...curves.values()].flatMap((points) => points.map((point) => point.x)), 1));
  const y = latencyAxis("latency", heights(curves));
  const timeouts = [...new Set(cell.scenario.clients.map(({ timeoutMs = 5000 }) => timeoutMs))];
  return frame(
    `Latency quantiles, ${cell.scenario.name}`,
    x,
    y,
    timeouts.map((timeoutMs) => timeoutRule(timeoutMs, y)),
    lines(curves, x, y, looks, focus),
  );
}

/** A line at the time-out, if latency comes near it. */
function timeoutRule(timeoutMs: number, { scale }: Axis): Markup | undefined {
  const [, highest = 0] = scale.domain();
  if (timeoutMs > highest) return undefined;
  const y = rounded(scale(timeoutMs));
  return html`<path class="rule" d="M${PLOT.left} ${y}H${PLOT.right}"/><text class="label" x="${PLOT.right - 4}" y="${y - 4}" text-anchor="end">time-out</text>`;
}
