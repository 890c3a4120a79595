import type { Clock, Timer } from "../../clock.ts";
import { toError } from "../../to-error.ts";
import type { AdsChannel } from "./ads-channel.ts";
import type { AdsClient } from "./ads-client.ts";
import type { AdsEvent, AdsOutput, AdsVariant } from "./ads-event.ts";
import { RequestQueue } from "./request-queue.ts";

/** What a client tells of, beside what it wants of its stream. */
export type AdsNews<Value> = Exclude<AdsOutput<Value>, { readonly kind: "open" | "send" }>;

export interface AdsCarrierOptions<Value> {
  readonly client: AdsClient<Value>;
  readonly channel: AdsChannel;
  readonly clock: Clock;
  readonly onNews: (news: AdsNews<Value>) => void;
}

interface OpenStream {
  readonly requests: RequestQueue;
  readonly abort: AbortController;
}

/** Does what an {@link AdsClient} wants: opens its streams, carries requests and responses, and wakes it in time. */
export class AdsCarrier<Value> {
  readonly #options: AdsCarrierOptions<Value>;
  #stream: OpenStream | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: AdsCarrierOptions<Value>) {
    this.#options = options;
  }

  handle(event: AdsEvent): void {
    if (this.#isClosed) return;
    const { client, clock } = this.#options;
    for (const output of client.handle(event, clock.now())) this.#do(output);
    this.#schedule();
  }

  /** Ends the stream and its connections. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#stream?.requests.end();
    this.#stream?.abort.abort();
    return this.#options.channel.close();
  }

  #do(output: AdsOutput<Value>): void {
    if (this.#isClosed) return;
    switch (output.kind) {
      case "open":
        return this.#open(output.stream, output.variant);
      case "send":
        return this.#stream?.requests.push(output.request);
      default:
        return this.#options.onNews(output);
    }
  }

  #open(stream: number, variant: AdsVariant): void {
    const requests = new RequestQueue(() => this.handle({ kind: "opened", stream }));
    this.#stream = { requests, abort: new AbortController() };
    void this.#read(stream, variant, this.#stream);
  }

  async #read(stream: number, variant: AdsVariant, { requests, abort }: OpenStream): Promise<void> {
    const { channel } = this.#options;
    let reason = "it ended the stream";
    let isUnimplemented = false;
    try {
      for await (const response of channel.open(variant, requests, abort.signal)) this.handle({ kind: "received", stream, response });
    } catch (error) {
      reason = toError(error).message;
      isUnimplemented = channel.isUnimplemented(error);
    }
    requests.end();
    this.handle({ kind: "closed", stream, reason, isUnimplemented });
  }

  #schedule(): void {
    this.#timer?.cancel();
    if (this.#isClosed) return;
    const { client, clock } = this.#options;
    this.#timer = clock.after(Math.max(0, client.wakeAtMs - clock.now()), () => this.handle({ kind: "timer" }));
  }
}
