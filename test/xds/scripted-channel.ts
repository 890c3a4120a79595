import type { AdsChannel } from "../../src/discovery/xds/ads-channel.ts";
import type { AdsRequest, AdsResponse, AdsVariant } from "../../src/discovery/xds/ads-event.ts";

interface ScriptedStream {
  readonly variant: AdsVariant;
  readonly signal: AbortSignal;
  readonly requests: AdsRequest[];
  readonly end: PromiseWithResolvers<never>;
}

/** A channel whose streams take requests, answer nothing, and fail when they are told to. */
export class ScriptedChannel implements AdsChannel {
  readonly streams: ScriptedStream[] = [];
  isConnected = true;
  isClosed = false;
  readonly #connected: (() => void)[] = [];

  async *open(variant: AdsVariant, requests: AsyncIterable<AdsRequest>, signal: AbortSignal): AsyncIterable<AdsResponse> {
    const stream = { variant, signal, requests: [], end: Promise.withResolvers<never>() };
    this.streams.push(stream);
    signal.addEventListener("abort", () => stream.end.reject(signal.reason));
    if (!this.isConnected) await new Promise<void>((resolve) => this.#connected.push(resolve));
    void this.#take(stream, requests);
    await stream.end.promise;
  }

  isUnimplemented(error: unknown): boolean {
    return error instanceof Error && error.message === "unimplemented";
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  connect(): void {
    for (const resolve of this.#connected.splice(0)) resolve();
  }

  /** Ends the newest stream. */
  fail(error: Error): void {
    this.streams.at(-1)?.end.reject(error);
  }

  async #take({ requests: taken }: ScriptedStream, requests: AsyncIterable<AdsRequest>): Promise<void> {
    for await (const request of requests) taken.push(request);
  }
}

/** Resolves once all that follows from what has happened has been done. */
export function flushed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
