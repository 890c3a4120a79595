import type { CallRecord, ClientReport } from "./client-main.ts";

/** What became of every call of a run. */
export class Ledger {
  readonly cpuMs: number;
  /** How late calls were begun, the 99th percentile of the worst client. */
  readonly lateMs: number;
  readonly #records: readonly CallRecord[];

  constructor(reports: readonly ClientReport[]) {
    this.#records = reports.flatMap(({ records }) => records).sort(([a], [b]) => a - b);
    this.lateMs = Math.max(0, ...reports.map(({ lateMs }) => lateMs));
    this.cpuMs = reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  }

  get calls(): number {
    return this.#records.length;
  }

  /** Of those that were due from then on, until then. */
  between(fromMs: number, toMs: number = Number.POSITIVE_INFINITY): Ledger {
    const records = this.#records.filter(([dueAtMs]) => dueAtMs >= fromMs && dueAtMs < toMs);
    return new Ledger([{ records, cpuMs: 0, lateMs: this.lateMs }]);
  }

  get failed(): number {
    return this.#records.filter(([, , by]) => by.startsWith("!")).length;
  }

  /** Of all calls, in percent. */
  get failedPercent(): number {
    return this.calls === 0 ? 0 : (100 * this.failed) / this.calls;
  }

  /** How many failed with each code. */
  get codes(): Readonly<Record<string, number>> {
    const codes: Record<string, number> = {};
    for (const [, , by] of this.#records) if (by.startsWith("!")) codes[by.slice(1)] = (codes[by.slice(1)] ?? 0) + 1;
    return codes;
  }

  /** Who answered. */
  get servers(): ReadonlySet<string> {
    return new Set(this.#records.flatMap(([, , by]) => (by.startsWith("!") ? [] : [by])));
  }

  /** Of the answered calls, the share that these servers answered. */
  shareOf(...servers: readonly string[]): number {
    const answered = this.calls - this.failed;
    return answered === 0 ? 0 : this.#records.filter(([, , by]) => servers.includes(by)).length / answered;
  }

  /** Of the answered calls. 0 if there are none. */
  latencyMs(quantile: number): number {
    const latencies = this.#records.flatMap(([, tookMs, by]) => (by.startsWith("!") ? [] : [tookMs])).sort((a, b) => a - b);
    return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * quantile))] ?? 0;
  }

  /** Of all calls, the share that took so long or longer. */
  slowerThan(ms: number): number {
    return this.calls === 0 ? 0 : this.#records.filter(([, tookMs]) => tookMs >= ms).length / this.calls;
  }

  /** Of all calls, failed ones included. */
  get longestMs(): number {
    return this.#records.reduce((longest, [, tookMs]) => Math.max(longest, tookMs), 0);
  }

  /** When a server answered first, from then on; Infinity if it never did. */
  firstAnswerOf(server: string, fromMs: number): number {
    return this.#records.find(([dueAtMs, , by]) => dueAtMs >= fromMs && by === server)?.[0] ?? Number.POSITIVE_INFINITY;
  }

  /** From when on at most this share of the calls of each second failed. */
  calmFrom(fromMs: number, maxShare: number): number {
    const lastMs = this.#records.at(-1)?.[0] ?? 0;
    let calmMs = fromMs;
    for (let atMs = fromMs; atMs < lastMs; atMs += 1_000)
      if (this.between(atMs, atMs + 1_000).failedPercent > 100 * maxShare) calmMs = atMs + 1_000;
    return calmMs;
  }
}
