import type { ContenderName } from "./contenders.ts";
import { holds, type Line, type Outcome } from "./scenario.ts";

/** What callers of one contender saw of one fault. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly contender: ContenderName;
  readonly calls: number;
  readonly failed: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How late calls were begun: what the machine, rather than the fault, did to them. */
  readonly lateMs: number;
  readonly cpuUsPerCall: number;
  readonly lines: readonly Line[];
}

export function rowOf(id: string, title: string, contender: ContenderName, { ledger, lines }: Outcome): Row {
  const { calls, failed, codes, lateMs, cpuMs } = ledger;
  const cpuUsPerCall = calls === 0 ? 0 : (1_000 * cpuMs) / calls;
  return {
    id,
    title,
    contender,
    calls,
    failed,
    codes,
    p50Ms: ledger.latencyMs(0.5),
    p99Ms: ledger.latencyMs(0.99),
    lateMs,
    cpuUsPerCall,
    lines,
  };
}

/** Beyond it the machine was busy otherwise, and nothing is said of whoever ran on it. */
const maxLateMs = 100;

/** Whether its lines count. */
export function isJudged({ contender, lateMs }: Row): boolean {
  return contender === "meshless" && lateMs <= maxLateMs;
}

export const header = `${" ".repeat(14)}calls   failed      %   p50 ms   p99 ms  late ms   µs CPU`;

export function rowText(row: Row): string {
  const { contender, calls, failed, codes, p50Ms, p99Ms, lateMs, cpuUsPerCall, lines } = row;
  const times = [p50Ms, p99Ms, lateMs, cpuUsPerCall].map(ms);
  const numbers = [String(calls).padStart(7), String(failed).padStart(9), percent(failed, calls), ...times].join("");
  const why = Object.entries(codes).map(([code, count]) => `${count} ${code}`);
  const isOfCount = isJudged(row);
  return [
    `  ${contender.padEnd(13)}${numbers}   ${why.join(", ")}`.trimEnd(),
    ...lines.map((line) => `    ${lineText(line, isOfCount)}`),
  ].join("\n");
}

/** Whether a line holds is said where it counts; elsewhere, what it is. */
export function lineText(line: Line, isOfCount: boolean): string {
  const { what, figure, bound, unit = "" } = line;
  const word = !isOfCount ? "    " : holds(line) ? "ok  " : "MISS";
  return `${word} ${what}: ${short(figure)}${unit && ` ${unit}`} (${bound[0]} ${bound[1]})`;
}

function percent(failed: number, calls: number): string {
  return (calls === 0 ? "-" : ((100 * failed) / calls).toFixed(2)).padStart(7);
}

function ms(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0).padStart(9);
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}
