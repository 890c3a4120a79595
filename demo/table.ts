import { styleText } from "node:util";
import type { Outage } from "./discovery.ts";
import { type Figures, isStarved, type ServerFigures } from "./figures.ts";
import type { FleetServer } from "./fleet.ts";
import type { Moment } from "./run-side.ts";
import type { Side } from "./sides.ts";

const BAR_WIDTH = 24;
const WAYS: Record<Side, string> = {
  pinned: "one connection a client",
  "round-robin": "grpc-js: each server in turn",
  balanced: "meshless: a choice for every call",
};

/** One side as it stands: a line for each server. */
export function sideTable({ side, elapsedMs, servers, failures, outage, figures }: Moment): string {
  const widest = Math.max(0, ...Object.values(figures.servers).map(({ share }) => share));
  const rows = servers.map((server) => serverRow(server, figures.servers[server.name], widest));
  const title = `${styleText("bold", side)} ${styleText("dim", WAYS[side])} ${seconds(elapsedMs)}  ${failureText(figures.failed, failures)}${shortage(figures)}`;
  const head = `  ${"server".padEnd(10)} requests  share ${" ".repeat(BAR_WIDTH)}      p50      p99`;
  return ["", title, styleText("dim", head), ...rows, totalRow(figures), outageRow(outage), ""].join("\n");
}

/** The same in one line, for logs. */
export function sideLine({ side, elapsedMs, outage, figures }: Moment): string {
  const { requests, failed, p50Ms, p99Ms, maxOverMean } = figures;
  return `${side} ${seconds(elapsedMs)}  requests ${requests}  failed ${failed}  p50 ${ms(p50Ms).trim()}  p99 ${ms(p99Ms).trim()}  busiest/mean ${maxOverMean}  control plane ${outageText(outage)}${shortage(figures)}`;
}

/** All sides, a line for each. */
export function comparison(sides: Readonly<Record<string, Figures>>): string {
  const head = styleText("dim", `  ${" ".repeat(11)} requests   failed      p50      p99   busiest/mean before the deploy`);
  const rows = Object.entries(sides).map(([side, { requests, failed, p50Ms, p99Ms, maxOverMean }]) => {
    const figures = [count(requests), failures(failed), ms(p50Ms), latency(p99Ms), maxOverMean.toFixed(2).padStart(14)];
    return `  ${styleText("bold", side.padEnd(11))} ${figures.join(" ")}`;
  });
  return ["", head, ...rows, ""].join("\n");
}

function shortage(figures: Figures): string {
  return isStarved(figures) ? styleText("yellow", "  short of CPU") : "";
}

/** What the figures are worth on a machine that had no CPU to spare. */
export function starvation(starved: readonly Figures[]): string {
  const latestMs = Math.max(...starved.map(({ lateP90Ms }) => lateP90Ms));
  const what = `This machine was short of CPU: one call in ten was made ${Math.round(latestMs)} ms late or more, before anybody chose a server.`;
  return styleText("yellow", `${what}\nLatencies and shares tell of that. Give it a core to itself, or a lower --rate.\n`);
}

function serverRow(server: FleetServer, figures: ServerFigures | undefined, widest: number): string {
  const name = server.name.padEnd(10);
  if (!figures) return `  ${name} ${count(0)} ${" ".repeat(BAR_WIDTH + 25)} ${standing(server)}`;
  const { requests, share, p50Ms, p99Ms } = figures;
  return `  ${[name, count(requests), percent(share), bar(share / widest), ms(p50Ms), latency(p99Ms), standing(server)].join(" ")}`;
}

function totalRow({ requests, p50Ms, p99Ms }: Figures): string {
  return `  ${"all".padEnd(10)} ${count(requests)} ${" ".repeat(BAR_WIDTH + 7)} ${ms(p50Ms)} ${latency(p99Ms)}`;
}

function outageRow(outage: Outage | undefined): string {
  return `  ${"control plane".padEnd(19)} ${styleText(outage && outage.toMs === undefined ? "red" : "green", outageText(outage))}`;
}

function outageText(outage: Outage | undefined): string {
  if (outage === undefined) return "up";
  const killed = `killed at ${seconds(outage.fromMs).trim()}`;
  return outage.toMs === undefined ? killed : `${killed}, back at ${seconds(outage.toMs).trim()}`;
}

function failureText(failed: number, reasons: Moment["failures"]): string {
  if (failed === 0) return styleText("green", "0 failed");
  const why = Object.entries(reasons).map(([code, times]) => `${times} ${code}`);
  return styleText("red", `${failed} failed: ${why.join(", ")}`);
}

function standing({ isSlow, isNew, isGone }: FleetServer): string {
  const words = [...(isGone ? ["replaced"] : []), ...(isNew ? ["new"] : []), ...(isSlow ? ["slow"] : [])];
  return styleText(isGone ? "red" : isNew ? "green" : "yellow", words.join(", "));
}

function bar(length: number): string {
  return styleText("cyan", "━".repeat(Math.round(length * BAR_WIDTH)).padEnd(BAR_WIDTH));
}

/** Above 100 ms a person may notice, above a second everyone does. */
function latency(valueMs: number): string {
  const colour = valueMs > 1_000 ? "red" : valueMs > 100 ? "yellow" : "green";
  return styleText(colour, ms(valueMs));
}

function failures(failed: number): string {
  return styleText(failed > 0 ? "red" : "green", String(failed).padStart(8));
}

function count(value: number): string {
  return String(value).padStart(8);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`.padStart(6);
}

function ms(value: number): string {
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`.padStart(8);
}

function seconds(valueMs: number): string {
  return `${(valueMs / 1000).toFixed(1)} s`.padStart(6);
}
