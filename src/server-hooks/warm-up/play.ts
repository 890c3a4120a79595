import { setImmediate as nextTurn } from "node:timers/promises";
import type { Transport } from "@connectrpc/connect";
import type { Clock } from "../../clock.ts";
import type { EventLoopProbe } from "../event-loop.ts";
import { Settling } from "./settling.ts";

/** One request of a warm-up: makes a call by the transport, which leads to the server's own routes. */
export type WarmUpCall = (transport: Transport) => Promise<unknown>;

export interface Play {
  readonly calls: readonly WarmUpCall[];
  readonly transport: Transport;
  readonly concurrency: number;
  readonly minCalls: number;
  readonly clock: Clock;
  readonly eventLoop: EventLoopProbe;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onProgress: (share: number) => void;
}

export interface Played {
  readonly calls: number;
  readonly failed: number;
  readonly isSettled: boolean;
  readonly share: number;
  readonly p95Ms: number | undefined;
  readonly firstError: unknown;
}

/** Makes the calls in turn, so many at once, over and over until their latency has settled or the signal aborts. */
export async function play({ calls, transport, concurrency, minCalls, clock, eventLoop, signal, onProgress }: Play): Promise<Played> {
  const settling = new Settling(minCalls, () => eventLoop().delayMs, clock.now());
  const counts = { calls: 0, failed: 0 };
  let firstError: unknown;
  const isOver = () => signal.aborted || settling.isSettled || (counts.failed >= minCalls && counts.failed === counts.calls);

  async function playNext(): Promise<void> {
    const call = calls[counts.calls++ % calls.length] as WarmUpCall;
    const beganAtMs = clock.now();
    try {
      await call(transport);
    } catch (error) {
      counts.failed++;
      firstError ??= error;
    }
    const nowMs = clock.now();
    settling.add(nowMs - beganAtMs, nowMs);
    onProgress(settling.share);
  }

  const worker = async () => {
    while (!isOver()) {
      await playNext();
      // Routes that wait for nothing would keep health checks, and the signal, from their turn.
      await nextTurn();
    }
  };
  const workers = Promise.all(Array.from({ length: concurrency }, worker));
  // A call that does not heed the signal is left behind.
  await Promise.race([workers, aborted(signal)]);
  const { isSettled, share, p95Ms } = settling;
  return { ...counts, isSettled, share, p95Ms, firstError };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
