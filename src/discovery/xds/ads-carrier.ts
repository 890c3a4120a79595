import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock, Timer } from "../../clock.ts";
import { FloodMeter } from "../../flood-meter.ts";
import { toError } from "../../to-error.ts";
import type { AdsChannel } from "./ads-channel.ts";
import type { AdsClient } from "./ads-client.ts";
import type { AdsEvent, AdsOutput, AdsVariant } from "./ads-event.ts";
import { RequestQueue } from "./request-queue.ts";

/** What a client tells of, beside what it wants of its streams. */
export type AdsNews<Value> = Exclude<AdsOutput<Value>, { readonly kind: "open" | "send" | "close" }>;

export interface AdsCarrierOptions<Value> {
  readonly client: AdsClient<Value>;
  /** To each control plane, in the order in which they are asked. Who is not asked any more has its channel closed, and may be opened another one. */
  readonly openChannels: readonly (() => AdsChannel)[];
  readonly clock: Clock;
  readonly onNews: (news: AdsNews<Value>) => void;
}

/** The last stream to one control plane, and what it runs on. */
interface CarriedStream {
  readonly channel: AdsChannel;
  readonly requests: RequestQueue;
  readonly abort: AbortController;
  /** Of the responses that are refused. */
  readonly refusals: FloodMeter;
  /** Whether the last response was. */
  isRefused: boolean;
}

/** Some servers send what was refused again, and again: so many times at once, and then so often. */
const refusalLimit = { burst: 20, perSecond: 10 };

/** Does what an {@link AdsClient} wants: opens its streams, carries requests and responses, and wakes it in time. */
export class AdsCarrier<Value> {
  readonly #options: AdsCarrierOptions<Value>;
  /** By control plane. */
  readonly #streams = new Map<number, CarriedStream>();
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

  /** Ends the streams and their connections. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await Promise.all([...this.#streams.keys()].map((server) => this.#end(server)));
  }

  #do(output: AdsOutput<Value>): void {
    if (this.#isClosed) return;
    switch (output.kind) {
      case "open":
        return this.#open(output);
      case "send":
        return this.#send(output);
      case "close":
        return void this.#end(output.server);
      default:
        return this.#options.onNews(output);
    }
  }

  #open({ server, stream, variant }: Extract<AdsOutput<Value>, { kind: "open" }>): void {
    const { openChannels, clock } = this.#options;
    const channel = this.#streams.get(server)?.channel ?? openChannels[server]?.();
    if (channel === undefined) return;
    const carried: CarriedStream = {
      channel,
      requests: new RequestQueue(() => this.handle({ kind: "opened", stream })),
      abort: new AbortController(),
      refusals: new FloodMeter(refusalLimit, clock.now()),
      isRefused: false,
    };
    this.#streams.set(server, carried);
    void this.#read(stream, variant, carried);
  }

  #send({ server, request }: Extract<AdsOutput<Value>, { kind: "send" }>): void {
    const carried = this.#streams.get(server);
    if (carried === undefined) return;
    carried.isRefused = request.errorDetail !== undefined;
    carried.requests.push(request);
  }

  #end(server: number): Promise<void> | undefined {
    const carried = this.#streams.get(server);
    this.#streams.delete(server);
    carried?.requests.end();
    carried?.abort.abort();
    return carried?.channel.close();
  }

  async #read(stream: number, variant: AdsVariant, carried: CarriedStream): Promise<void> {
    const { channel, requests, abort } = carried;
    let reason = "it ended the stream";
    let isUnimplemented = false;
    try {
      for await (const response of channel.open(variant, requests, abort.signal)) {
        carried.isRefused = false;
        this.handle({ kind: "received", stream, response });
        await this.#untilNext(carried);
      }
    } catch (error) {
      reason = toError(error).message;
      isUnimplemented = channel.isUnimplemented(error);
    }
    requests.end();
    this.handle({ kind: "closed", stream, reason, isUnimplemented });
  }

  /** A control plane that sends without end has one response read in each turn of the event loop, and none while it does not read itself. */
  async #untilNext({ requests, refusals, isRefused }: CarriedStream): Promise<void> {
    const { clock } = this.#options;
    await nextTurn();
    await requests.untilRoom();
    if (isRefused && !refusals.allows(clock.now()))
      await new Promise<void>((resolve) => clock.after(1_000 / refusalLimit.perSecond, resolve));
  }

  #schedule(): void {
    this.#timer?.cancel();
    if (this.#isClosed) return;
    const { client, clock } = this.#options;
    this.#timer = clock.after(Math.max(0, client.wakeAtMs - clock.now()), () => this.handle({ kind: "timer" }));
  }
}
