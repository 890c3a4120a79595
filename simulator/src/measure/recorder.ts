import { CallLog } from "./call-log.ts";
import { Tally } from "./tally.ts";

export interface RecorderInit {
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly servers: number;
  readonly windows: readonly { readonly fromMs: number; readonly toMs: number }[];
}

/** Remembers what happened to the calls that are measured: those that arrive after the warm-up. */
export class Recorder {
  readonly calls = new CallLog();
  /** Of the whole measured time. */
  readonly overall: Tally;
  readonly windows: readonly Tally[];
  readonly #warmUpMs: number;
  readonly #durationMs: number;
  readonly #tallies: readonly Tally[];
  #open = 0;
  #probes = 0;

  constructor({ warmUpMs, durationMs, servers, windows }: RecorderInit) {
    this.#warmUpMs = warmUpMs;
    this.#durationMs = durationMs;
    this.overall = new Tally(warmUpMs, Infinity, servers);
    this.windows = windows.map(({ fromMs, toMs }) => new Tally(Math.max(fromMs, warmUpMs), toMs, servers));
    this.#tallies = [this.overall, ...this.windows];
  }

  /** Calls that arrived and are not over, measured or not. */
  get open(): number {
    return this.#open;
  }

  get probes(): number {
    return this.#probes;
  }

  onCall(): void {
    this.#open += 1;
  }

  /** @param server that took it last; -1 if none did */
  onCallEnd(arrivedAtMs: number, latencyMs: number, failed: boolean, server: number): void {
    this.#open -= 1;
    if (arrivedAtMs >= this.#warmUpMs) this.calls.add(arrivedAtMs, latencyMs, failed, server);
  }

  onAttempt(arrivedAtMs: number, crossesZones: boolean): void {
    for (const tally of this.#tallies) if (tally.covers(arrivedAtMs)) tally.addAttempt(crossesZones);
  }

  /** A server took the call, rather than turning it away. */
  onTaken(arrivedAtMs: number, server: number): void {
    for (const tally of this.#tallies) if (tally.covers(arrivedAtMs)) tally.addTaken(server);
  }

  /** A server answered with an error, broke, or gave no answer in time. */
  onServerError(arrivedAtMs: number, server: number): void {
    for (const tally of this.#tallies) if (tally.covers(arrivedAtMs)) tally.addError(server);
  }

  onBounce(arrivedAtMs: number): void {
    for (const tally of this.#tallies) if (tally.covers(arrivedAtMs)) tally.addBounce();
  }

  onProbe(nowMs: number): void {
    if (nowMs >= this.#warmUpMs && nowMs < this.#durationMs) this.#probes += 1;
  }
}
