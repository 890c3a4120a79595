import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { type Columns, type Line, lines } from "./charted.ts";
import { history } from "./history.ts";
import { inFocus, pointed } from "./state.ts";
import { isDark } from "./theme.ts";

export interface PlotOptions {
  /** What it shows, for those who can't see it. */
  readonly label: string;
  readonly kind: "stack" | "lines";
  readonly columns: () => Columns;
  readonly scale: uPlot.Scale;
  readonly format: (value: number) => string;
}

const height = 190;

/** A chart that follows the page's state. */
export function Plot(options: PlotOptions) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => show(host.current as HTMLDivElement, options), []);
  return <div ref={host} class="plot" role="img" aria-label={options.label} onMouseLeave={() => (pointed.value = undefined)} />;
}

/** @returns what takes it away */
function show(host: HTMLElement, options: PlotOptions): () => void {
  let chart: uPlot | undefined;
  let shape = "";
  const resized = new ResizeObserver(() => chart?.setSize({ width: host.clientWidth, height }));
  resized.observe(host);
  const dispose = effect(() => {
    const data = options.columns();
    const now = `${isDark.value} ${lines.value.map(({ id }) => id).join(" ")}`;
    if (chart !== undefined && shape === now) chart.setData(data);
    else {
      chart?.destroy();
      shape = now;
      chart = new uPlot(configOf(options, lines.value, host.clientWidth), data, host);
    }
  });
  const unfocus = effect(() => {
    inFocus.value;
    chart?.redraw(false);
  });
  return () => {
    dispose();
    unfocus();
    resized.disconnect();
    chart?.destroy();
  };
}

function configOf(options: PlotOptions, shown: readonly Line[], width: number): uPlot.Options {
  const ink = isDark.peek() ? "#9aa4b2" : "#5b6573";
  const grid = { stroke: isDark.peek() ? "#ffffff12" : "#00000012", width: 1 };
  const axis: uPlot.Axis = { stroke: ink, grid, ticks: { show: false }, font: "11px system-ui, sans-serif" };
  const isStack = options.kind === "stack";
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false }, points: { show: false } },
    scales: { y: options.scale },
    axes: [
      {
        ...axis,
        size: 30,
        values: (_, seconds) => seconds.map((atS) => new Date(atS * 1_000).toLocaleTimeString([], { hour12: false })),
        space: 90,
      },
      { ...axis, size: 58, values: (_, values) => values.map((value) => (value === null ? "" : options.format(value))) },
    ],
    series: [{}, ...shown.map((line) => seriesOf(line, isStack))],
    ...(isStack && { bands: shown.slice(1).map((line, place) => ({ series: [place + 2, place + 1] as const, fill: () => paint(line) })) }),
    hooks: { draw: [drawEvents], setCursor: [(chart) => point(chart, options, shown)] },
  };
}

function seriesOf(line: Line, isStack: boolean): uPlot.Series {
  const common = { points: { show: false }, spanGaps: false };
  // A line as thin as a hair keeps equal neighbours apart.
  if (isStack) return { ...common, width: 0.5, stroke: isDark.peek() ? "#0006" : "#fff9", fill: () => paint(line) };
  return { ...common, width: 1.5, stroke: () => paint(line) };
}

/** Beside the one that somebody looks at, all others are pale. */
function paint({ id, colour }: Line): string {
  const focus = inFocus.peek();
  return focus === undefined || focus === id ? colour : colour.replace(")", " / 0.16)");
}

/** What went wrong when: a thin line at each warning. */
function drawEvents(chart: uPlot): void {
  const { ctx, bbox } = chart;
  const { min = 0, max = 0 } = chart.scales.x ?? {};
  ctx.save();
  ctx.strokeStyle = isDark.peek() ? "#ff9d5c" : "#c24e00";
  ctx.globalAlpha = 0.5;
  ctx.setLineDash([2, 4]);
  for (const { level, atMs } of history.peek().events) {
    const atS = atMs / 1_000;
    if (level === "debug" || level === "info" || atS < (min ?? 0) || atS > (max ?? 0)) continue;
    const x = Math.round(chart.valToPos(atS, "x", true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** The line under the pointer is the one in focus. */
function point(chart: uPlot, { kind }: PlotOptions, shown: readonly Line[]): void {
  const { idx, top = -1 } = chart.cursor;
  if (idx === null || idx === undefined || top < 0) return;
  const value = chart.posToVal(top, "y");
  const at = shown.map((_, place) => chart.data[place + 1]?.[idx] ?? undefined);
  pointed.value = shown[kind === "stack" ? at.findIndex((sum) => sum !== undefined && sum >= value) : nearest(at, value)]?.id;
}

/** By ratio, as the scale of latencies is one of ratios. */
function nearest(values: readonly (number | undefined)[], value: number): number {
  const distances = values.map((other) => (other === undefined ? Number.POSITIVE_INFINITY : Math.abs(Math.log(other / value))));
  const least = Math.min(...distances);
  return least < 0.5 ? distances.indexOf(least) : -1;
}
