import { Code, ConnectError } from "@connectrpc/connect";
import type { Clock } from "../clock.ts";
import { type Resource, type ResourceType, type ResourceView, typeOfUrl } from "../resource.ts";
import type { AdsRequest, AdsResponse, AdsVariant } from "./ads-message.ts";
import { type Connection, OpenStream, type StreamEnd } from "./open-stream.ts";
import { Pace } from "./pace.ts";
import { ServerStream } from "./server-stream.ts";
import type { StreamObserver } from "./stream-observer.ts";
import { SubscriberIndex } from "./subscriber-index.ts";
import type { Interest, TypeState } from "./type-state.ts";

/** What clients of a control plane may cost it. */
export interface StreamLimits {
  /** How many streams may be open at once. Default 10,000. */
  readonly maxStreams: number;
  /** How many names one stream may ask for. Default 20,000. */
  readonly maxNames: number;
  /** How many new streams are let in per second, and at once. Default 1,000. */
  readonly maxNewPerSecond: number;
  /** A stream is ended after this time, less up to a fifth of it by chance, so that clients spread over replicas. In ms; default 6 h. */
  readonly maxAgeMs: number;
}

export interface StreamHostOptions {
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: StreamLimits;
  readonly observer: StreamObserver;
  /** Which services a client of these names may have, asked anew each time. Default: all. */
  readonly permitsOf?: ((names: readonly string[]) => (service: string) => boolean) | undefined;
}

/** How long a new stream waits to be let in, or for the registry to be complete, in ms. Below the 15 s after which clients believe that there is nothing. */
const maxWaitMs = 10_000;
/** How often it is looked whether this replica has caught up with one that a client comes from. In that time it has told what it has read, too. */
const catchUpMs = 250;

/** How often it is asked whether a client's token is good still, less up to a fifth. */
const confirmMs = 300_000;

/** All streams that are open: lets them in, tells them of changes, ends them. */
export class StreamHost {
  readonly streams = new Set<OpenStream>();
  readonly #options: StreamHostOptions;
  readonly #index = new SubscriberIndex<OpenStream>();
  readonly #pace: Pace;
  #opened = 0;
  #isDraining = false;

  constructor(options: StreamHostOptions) {
    this.#options = options;
    this.#pace = new Pace(options.limits.maxNewPerSecond, options.limits.maxNewPerSecond);
  }

  /** The resource may have changed. */
  changed(type: ResourceType, name: string): void {
    const nowMs = this.#options.clock.now();
    for (const stream of this.#index.of(type, name)) {
      stream.machine.changed(type, name);
      stream.propagation.changed(type, nowMs);
      stream.wake.signal();
    }
  }

  /** What clients may have is not what it was. */
  reconsider(): void {
    for (const stream of this.streams) {
      stream.machine.reconsider();
      stream.wake.signal();
    }
  }

  /** The registry is complete: whoever waits is answered. */
  completed(): void {
    for (const stream of this.streams) stream.wake.signal();
  }

  /** Ends all streams within some time, spread by chance, and lets no new ones in. */
  drain(withinMs: number): void {
    this.#isDraining = true;
    const { clock, random } = this.#options;
    for (const stream of this.streams) {
      stream.connection.retire();
      stream.timers.push(clock.after(random() * withinMs, () => stream.end({ reason: "draining" })));
    }
  }

  /** Ends all streams at once. */
  close(): void {
    this.#isDraining = true;
    for (const stream of this.streams) stream.end({ reason: "shut down" });
  }

  /** Carries one stream, from the first request to its end. */
  async *carry(
    variant: AdsVariant,
    only: ResourceType | undefined,
    requests: AsyncIterable<AdsRequest>,
    connection: Connection,
    signal: AbortSignal,
  ): AsyncGenerator<AdsResponse> {
    const stream = this.#open(variant, only, connection);
    const cancelled = () => this.#close(stream, { reason: "cancelled" });
    // Not only when the next response is wanted: a client that is gone wants none.
    signal.addEventListener("abort", cancelled, { once: true });
    try {
      await this.#admit(stream);
      void this.#read(stream, requests);
      yield* this.#responses(stream);
    } finally {
      signal.removeEventListener("abort", cancelled);
      this.#close(stream, { reason: "cancelled" });
    }
    const { error } = stream.ended ?? {};
    if (error !== undefined) throw error;
  }

  #open(variant: AdsVariant, only: ResourceType | undefined, connection: Connection): OpenStream {
    const { view, clock, limits, observer, permitsOf } = this.#options;
    if (this.#isDraining) throw new ConnectError("this control plane is shutting down: connect to another one", Code.Unavailable);
    if (this.streams.size >= limits.maxStreams) {
      observer.turnedAway("too many streams");
      throw new ConnectError(`this control plane has ${limits.maxStreams} streams, and takes no more`, Code.ResourceExhausted);
    }
    const interest: Interest = {
      add: (type, name) => this.#index.interestOf(stream).add(type, name),
      delete: (type, name) => this.#index.interestOf(stream).delete(type, name),
    };
    const permits = permitsOf?.(connection.names);
    const access = permits && {
      mayHave: ({ services, isPublic }: Resource) => isPublic || services.some(permits),
      denied: (type: ResourceType, name: string) => observer.denied(stream, type, name),
    };
    const machine = new ServerStream({ variant, only, view, interest, access, maxNames: limits.maxNames });
    const stream: OpenStream = new OpenStream(++this.#opened, machine, connection, clock.now());
    this.streams.add(stream);
    observer.opened(stream);
    return stream;
  }

  /** Waits for its turn, if many come at once. */
  async #admit(stream: OpenStream): Promise<void> {
    const { clock, random, limits, observer, view } = this.#options;
    const waitMs = this.#pace.next(clock.now(), maxWaitMs);
    if (waitMs === undefined) {
      observer.turnedAway("too many at once");
      throw new ConnectError("too many clients at once: try again later", Code.Unavailable);
    }
    stream.timers.push(
      clock.after(limits.maxAgeMs * (1 - random() / 5), () => {
        stream.connection.retire();
        stream.end({ reason: "aged" });
      }),
    );
    const { validForMs } = stream.connection;
    if (validForMs !== undefined) stream.timers.push(clock.after(validForMs, () => stream.end({ reason: "its token has expired" })));
    this.#confirmLater(stream);
    if (!view.isComplete) {
      const error = new ConnectError("this control plane does not know all services yet: try another one, or later", Code.Unavailable);
      stream.timers.push(clock.after(maxWaitMs, () => view.isComplete || stream.end({ reason: "registry is not complete", error })));
    }
    if (waitMs === 0) return;
    const dueMs = clock.now() + waitMs;
    stream.timers.push(clock.after(waitMs, () => stream.wake.signal()));
    while (clock.now() < dueMs && stream.ended === undefined) await stream.wake.wait();
  }

  /** Who was deleted meanwhile is sent away: a new stream is not let in. */
  #confirmLater(stream: OpenStream): void {
    const { isStillGood } = stream.connection;
    if (isStillGood === undefined || stream.ended !== undefined) return;
    const { clock, random } = this.#options;
    const confirm = async () => {
      if (await isStillGood()) this.#confirmLater(stream);
      else stream.end({ reason: "its token is no longer good" });
    };
    stream.timers.push(clock.after(confirmMs * (1 - random() / 5), () => void confirm()));
  }

  async #read(stream: OpenStream, requests: AsyncIterable<AdsRequest>): Promise<void> {
    try {
      for await (const request of requests) {
        if (stream.ended !== undefined) return;
        const waited = stream.machine.waitsFor !== undefined;
        const state = stream.machine.request(request);
        this.#options.observer.requested(stream, request, state);
        if (!waited && stream.machine.waitsFor !== undefined) this.#catchUp(stream);
        if (state !== undefined) this.#answered(stream, state);
        stream.wake.signal();
      }
      stream.end({ reason: "closed by the client" });
    } catch (error) {
      stream.end({ reason: error instanceof ConnectError ? error.rawMessage : String(error), error });
    }
  }

  /** Keeps it waiting until what this replica has told is no older than what the client has from another one, which it goes by meanwhile. */
  #catchUp(stream: OpenStream): void {
    const { view, clock, observer } = this.#options;
    const endsAtMs = clock.now() + maxWaitMs;
    const isThere = () => (view.reachedRevision ?? 0n) >= (stream.machine.waitsFor ?? 0n);
    if (!isThere()) observer.behind(stream);
    const look = (wasThere: boolean) => {
      if (!wasThere && clock.now() < endsAtMs) return wait();
      stream.machine.goOn();
      stream.wake.signal();
    };
    const wait = () => {
      const wasThere = isThere();
      stream.timers.push(clock.after(catchUpMs, () => look(wasThere)));
    };
    wait();
  }

  #answered(stream: OpenStream, state: TypeState): void {
    const { clock, observer } = this.#options;
    const tookMs = stream.propagation.answered(state, clock.now());
    if (tookMs !== undefined) observer.propagated(stream, state.type, tookMs);
  }

  async *#responses(stream: OpenStream): AsyncGenerator<AdsResponse> {
    while (stream.ended === undefined) {
      const response = stream.machine.next();
      if (response === undefined) {
        stream.propagation.settle(stream.machine.types);
        await stream.wake.wait();
        continue;
      }
      stream.responses++;
      const type = typeOfUrl.get(response.typeUrl);
      if (type !== undefined) stream.propagation.sent(type);
      this.#options.observer.responded(stream, response);
      yield response;
    }
  }

  #close(stream: OpenStream, end: StreamEnd): void {
    if (!this.streams.delete(stream)) return;
    stream.end(end);
    stream.free();
    this.#options.observer.closed(stream, stream.ended?.reason ?? end.reason);
  }
}
