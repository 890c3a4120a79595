import { once } from "node:events";
import type { Worker } from "node:worker_threads";

export interface PoolOptions<T> {
  /** How many threads work at once, at most. */
  readonly threads: number;
  /** Starts a thread: it is posted numbers, and posts an {@link Answer} to each. */
  readonly start: () => Worker;
  readonly onAnswer?: ((index: number, value: T) => void) | undefined;
  /** Ends all threads at once. */
  readonly signal?: AbortSignal | undefined;
}

/** What a thread posts. */
export type Answer<T> = { readonly value: T } | { readonly error: unknown };

/**
 * Has the numbers from 0 below `order.length` worked on, in the order given, each by whichever thread is free; the values come back by number.
 *
 * @throws whatever the first thread to fail threw, or the signal's reason; no thread is left running then
 */
export async function runInPool<T>(order: readonly number[], options: PoolOptions<T>): Promise<readonly T[]> {
  const { threads, start, onAnswer } = options;
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([failed.signal, options.signal]);
  const values = new Array<T>(order.length);
  const waiting = order.values();

  async function keepBusy(): Promise<void> {
    const worker = start();
    try {
      for (const index of waiting) {
        const value = await askWorker<T>(worker, index, signal);
        values[index] = value;
        onAnswer?.(index, value);
      }
    } catch (error) {
      failed.abort(error);
    } finally {
      await worker.terminate();
    }
  }

  signal.throwIfAborted();
  await Promise.all(Array.from({ length: Math.min(threads, order.length) }, keepBusy));
  signal.throwIfAborted();
  return values;
}

async function askWorker<T>(worker: Worker, index: number, signal: AbortSignal): Promise<T> {
  worker.postMessage(index);
  const settled = new AbortController();
  const options = { signal: AbortSignal.any([signal, settled.signal]) };
  try {
    const answer = await Promise.race([
      once(worker, "message", options).then(([message]) => message as Answer<T>),
      once(worker, "exit", options).then(([code]): Answer<T> => ({ error: new Error(`a worker thread ended with exit code ${code}`) })),
    ]);
    if ("error" in answer) throw answer.error;
    return answer.value;
  } finally {
    settled.abort();
  }
}
