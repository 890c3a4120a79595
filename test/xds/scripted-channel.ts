import type { AdsChannel } from "../../src/discovery/xds/ads-channel.ts";
import type { AdsRequest, AdsResponse, AdsVariant } from "../../src/discovery/xds/ads-event.ts";

interface ScriptedStream {
  readonly variant: AdsVariant;
  readonly signal: AbortSignal;
  readonly requests: AdsRequest[];
  readonly responses: AdsResponse[];
  error: Error | undefined;
}

/** A channel whose streams take requests, and answer and fail as they are told to. */
export class ScriptedChannel implements AdsChannel {
  readonly streams: ScriptedStream[] = [];
  isConnected = true;
  isClosed = false;
  /** How many requests are taken, until `read()`. */
  reads = Number.POSITIVE_INFINITY;
  readonly #waiting = new Set<() => void>();

  async *open(variant: AdsVariant, requests: AsyncIterable<AdsRequest>, signal: AbortSignal): AsyncIterable<AdsResponse> {
    const stream: ScriptedStream = { variant, signal, requests: [], responses: [], error: undefined };
    this.streams.push(stream);
    signal.addEventListener("abort", () => this.#end(stream, signal.reason));
    await this.#until(() => this.isConnected || stream.error !== undefined);
    void this.#take(stream, requests);
    while (true) {
      await this.#until(() => stream.responses.length > 0 || stream.error !== undefined);
      if (stream.error !== undefined) throw stream.error;
      yield* stream.responses.splice(0, 1);
    }
  }

  isUnimplemented(error: unknown): boolean {
    return error instanceof Error && error.message === "unimplemented";
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  connect(): void {
    this.isConnected = true;
    this.#changed();
  }

  /** Takes all requests. */
  read(): void {
    this.reads = Number.POSITIVE_INFINITY;
    this.#changed();
  }

  /** Responses of the newest stream that the client has not read. */
  get unread(): number {
    return this.streams.at(-1)?.responses.length ?? 0;
  }

  /** On the newest stream. */
  respond(response: AdsResponse): void {
    this.streams.at(-1)?.responses.push(response);
    this.#changed();
  }

  /** Ends the newest stream. */
  fail(error: Error): void {
    const stream = this.streams.at(-1);
    if (stream !== undefined) this.#end(stream, error);
  }

  #end(stream: ScriptedStream, error: Error): void {
    stream.error ??= error;
    this.#changed();
  }

  async #take(stream: ScriptedStream, requests: AsyncIterable<AdsRequest>): Promise<void> {
    for await (const request of requests) {
      stream.requests.push(request);
      await this.#until(() => stream.requests.length < this.reads || stream.error !== undefined);
    }
  }

  #changed(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }
}

/** Resolves once all that follows from what has happened has been done. */
export function flushed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
