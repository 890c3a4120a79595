import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import type { DescMethodStreaming } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse } from "@connectrpc/connect";
import type { AttemptStream, StreamReader } from "../calls/attempt-stream.ts";
import { appendReceived } from "../calls/node-headers.ts";
import type { Message, MethodPlan } from "../unary/method-plan.ts";
import { compressedFlag } from "../unary/received-bytes.ts";
import { EnvelopeSplitter } from "./envelope-splitter.ts";
import type { StreamEnding, StreamFormat } from "./stream-format.ts";

type Result = IteratorResult<Message, undefined>;

export interface MessagesInit {
  readonly stream: AttemptStream;
  readonly plan: MethodPlan<DescMethodStreaming>;
  readonly format: StreamFormat;
  readonly readMaxBytes: number;
  /** Hears how the messages came to their end: regularly, or with an error. A reader that stops early is seen on the stream. */
  readonly onOver: (error: unknown) => void;
}

const done: Result = { done: true, value: undefined };

/**
 * The messages of an attempt's response, at the reader's pace. What is here is handed on at once; what is not, is waited for. Every promise settles, at
 * the latest when the stream closes.
 */
export class ResponseMessages implements StreamReader, AsyncIterableIterator<Message, undefined> {
  readonly #init: MessagesInit;
  readonly #response = Promise.withResolvers<StreamResponse>();
  readonly #envelopes: EnvelopeSplitter;
  readonly #trailer = new Headers();
  #ending!: StreamEnding;
  #wanted: PromiseWithResolvers<Result> | undefined;
  /** The last that was asked for and is not here yet: who asks meanwhile comes after it. */
  #latest: Promise<Result> | undefined;
  #isOver = false;

  constructor(init: MessagesInit) {
    this.#init = init;
    this.#envelopes = new EnvelopeSplitter(init.readMaxBytes);
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
      this.#ending = format.begin(headers[":status"] ?? 0, { header, trailer });
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
      for (let payload = this.#nextPayload(); payload !== undefined; payload = this.#nextPayload()) {
        const result = this.#open(payload, this.#envelopes.flags);
        if (result !== undefined) return result;
      }
      return this.#end();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #nextPayload(): Uint8Array<ArrayBuffer> | undefined {
    for (;;) {
      const payload = this.#envelopes.next();
      if (payload !== undefined) return payload;
      const chunk = this.#init.stream.read();
      if (chunk === null) return undefined;
      this.#envelopes.push(chunk);
    }
  }

  /** Undefined: the envelope has no message. */
  #open(payload: Uint8Array<ArrayBuffer>, flags: number): Result | Promise<Result> | undefined {
    if ((flags & compressedFlag) === 0) return this.#read(payload, flags);
    const { compression } = this.#ending;
    if (compression === undefined) throw new ConnectError("the server sent a compressed message, but no header says how", Code.Internal);
    return this.#decompressed(compression.decompress(payload, this.#init.readMaxBytes), flags);
  }

  async #decompressed(payload: Promise<Uint8Array>, flags: number): Promise<Result> {
    try {
      return this.#read(await payload, flags) ?? this.#ask();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #read(payload: Uint8Array, flags: number): Result | undefined {
    const { endFlag } = this.#ending;
    if ((flags & endFlag) !== 0) {
      this.#ending.onEnd(payload);
      return undefined;
    }
    const value = this.#init.plan.output.parse(payload);
    this.#ending.onMessage();
    return { done: false, value };
  }

  /** Undefined: more is to come. */
  #end(): Result | undefined {
    const { ended, error } = this.#init.stream;
    if (!ended && error !== undefined) throw error;
    if (!ended) return undefined;
    if (this.#envelopes.isWithin) throw new ConnectError("the response ended within a message", Code.InvalidArgument);
    this.#ending.onOver();
    this.#isOver = true;
    this.#init.onOver(undefined);
    return done;
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
