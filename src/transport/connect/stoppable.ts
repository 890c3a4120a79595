import type { DescMessage } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse, type Transport } from "@connectrpc/connect";
import { FollowingSignal } from "../../following-signal.ts";

/**
 * A reader that was dropped in mid-stream can't be heard: connect's own client leaves `return()` out of its iterators on purpose. When the
 * garbage collector finds such a reader gone, the call is cancelled, late but surely; else the server would work for nobody.
 */
const dropped = new FinalizationRegistry<() => void>((cancel) => cancel());

/** Messages that can be read once. A reader that stops early (`break`, `return()`) cancels the call; one that never begins can't be heard either. */
class StoppableMessages<T> implements AsyncIterableIterator<T, undefined> {
  readonly #inner: AsyncIterator<T>;
  readonly #cancel: () => void;
  readonly #onOver: () => void;
  #over = false;

  /**
   * @param cancel must not hold on to the reader
   * @param onOver the messages came to an end, one way or another
   */
  constructor(messages: AsyncIterable<T>, cancel: () => void, onOver: () => void) {
    this.#inner = messages[Symbol.asyncIterator]();
    this.#cancel = cancel;
    this.#onOver = onOver;
    dropped.register(this, cancel, this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#over) return { done: true, value: undefined };
    try {
      const message = await this.#inner.next();
      if (message.done !== true) return message;
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const wasOver = this.#over;
    this.#end();
    if (!wasOver) this.#cancel();
    return { done: true, value: undefined };
  }

  #end(): void {
    this.#over = true;
    dropped.unregister(this);
    this.#onOver();
  }
}

/** The same streams, which end when their reader stops. */
export function stoppable(start: Transport["stream"]): Transport["stream"] {
  return async <I extends DescMessage, O extends DescMessage>(
    ...[method, signal, ...rest]: Parameters<typeof start<I, O>>
  ): Promise<StreamResponse<I, O>> => {
    const stop = new FollowingSignal();
    if (signal !== undefined) stop.follow(signal);
    const unlink = () => stop.unfollow();
    try {
      const response = await start(method, stop.signal, ...rest);
      const cancel = () => stop.abort(new ConnectError("the reader stopped", Code.Canceled));
      return { ...response, message: new StoppableMessages(response.message, cancel, unlink) };
    } catch (error) {
      unlink();
      throw error;
    }
  };
}
