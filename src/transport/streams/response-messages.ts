import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import { ConnectError, type StreamResponse } from "@connectrpc/connect";
import type { StreamReader } from "../calls/attempt-stream.ts";
import { appendReceived } from "../calls/node-headers.ts";
import type { Message } from "../unary/method-plan.ts";
import { type DecoderInit, done, MessageDecoder, type Result } from "./message-decoder.ts";
import type { StreamFormat } from "./stream-format.ts";

export interface MessagesInit extends Omit<DecoderInit, "ending"> {
  readonly format: StreamFormat;
  /** Hears how the messages came to their end: regularly, or with an error. A reader that stops early is seen on the stream. */
  readonly onOver: (error: unknown) => void;
}

/**
 * The messages of an attempt's response, at the reader's pace. What is here is handed on at once; what is not, is waited for. Every promise settles, at
 * the latest when the stream closes.
 */
export class ResponseMessages implements StreamReader, AsyncIterableIterator<Message, undefined> {
  readonly #init: MessagesInit;
  readonly #response = Promise.withResolvers<StreamResponse>();
  readonly #trailer = new Headers();
  #decoder!: MessageDecoder;
  #wanted: PromiseWithResolvers<Result> | undefined;
  /** The last that was asked for and is not here yet: who asks meanwhile comes after it. */
  #latest: Promise<Result> | undefined;
  #isOver = false;

  constructor(init: MessagesInit) {
    this.#init = init;
    init.stream.readBy(this);
  }

  /** Resolves once headers are here that say that messages may follow. */
  get response(): Promise<StreamResponse> {
    return this.#response.promise;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    if (this.#latest !== undefined) return this.#wait(this.#latest.then(this.#ask, this.#ask));
    try {
      const result = this.#ask();
      return result instanceof Promise ? this.#wait(result) : Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The reader stops: the server is told, and the load is released. */
  return(): Promise<Result> {
    this.#init.stream.giveUp();
    this.#isOver = true;
    return Promise.resolve(done);
  }

  onHeaders(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    const { format, plan } = this.#init;
    const header = appendReceived(new Headers(), headers);
    const trailer = this.#trailer;
    try {
      const ending = format.begin(headers[":status"] ?? 0, { header, trailer });
      this.#decoder = new MessageDecoder({ ...this.#init, ending });
      this.#response.resolve({ stream: true, service: plan.method.parent, method: plan.method, header, trailer, message: this });
    } catch (error) {
      this.#response.reject(ConnectError.from(error));
    }
  }

  onTrailers(trailers: IncomingHttpHeaders): void {
    if (this.#init.format.hasHttpTrailers) appendReceived(this.#trailer, trailers);
  }

  onReadable(): void {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    this.#wanted = undefined;
    try {
      const result = this.#take();
      if (result === undefined) this.#wanted = wanted;
      else wanted.resolve(result);
    } catch (error) {
      wanted.reject(error);
    }
  }

  onFailed(error: ConnectError): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    this.#response.reject(error);
    if (wanted !== undefined) wanted.reject(this.#fail(error));
  }

  #wait(result: Promise<Result>): Promise<Result> {
    this.#latest = result;
    const onSettled = () => {
      if (this.#latest === result) this.#latest = undefined;
    };
    result.then(onSettled, onSettled);
    return result;
  }

  readonly #ask = (): Result | Promise<Result> => {
    const result = this.#take();
    if (result !== undefined) return result;
    this.#wanted = Promise.withResolvers();
    return this.#wanted.promise;
  };

  /** The next message, or the end of all; undefined: it is not here. */
  #take(): Result | Promise<Result> | undefined {
    if (this.#isOver) return done;
    try {
      const result = this.#decoder.take();
      if (result instanceof Promise) return this.#decompressed(result);
      if (result === done) this.#end();
      return result;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  async #decompressed(message: Promise<Result | undefined>): Promise<Result> {
    try {
      return (await message) ?? this.#ask();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#init.onOver(undefined);
  }

  /** Whatever can't be read is the server's fault, such as a trailer that is none. */
  #fail(given: unknown): ConnectError {
    const error = ConnectError.from(given);
    if (this.#isOver) return error;
    this.#isOver = true;
    this.#init.onOver(error);
    return error;
  }
}
