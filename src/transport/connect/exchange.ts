import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import type { ConnectError } from "@connectrpc/connect";
import type { UniversalClientResponse } from "@connectrpc/connect/protocol";
import type { AttemptStream, StreamReader } from "../calls/attempt-stream.ts";
import { appendReceived } from "../calls/node-headers.ts";

type Chunk = IteratorResult<Uint8Array, undefined>;

const done: Chunk = { done: true, value: undefined };
const noHeaders = new Headers();

/**
 * The response on an attempt's stream as Connect's protocol code wants it: a promise, and a body that is read at the reader's pace. Every promise
 * settles, at the latest when the stream closes.
 */
export class Exchange implements UniversalClientResponse, StreamReader, AsyncIterableIterator<Uint8Array, undefined> {
  status = 0;
  header: Headers = noHeaders;
  readonly trailer = new Headers();
  readonly body: AsyncIterable<Uint8Array> = this;
  readonly #response = Promise.withResolvers<UniversalClientResponse>();
  #wanted: PromiseWithResolvers<Chunk> | undefined;
  readonly #stream: AttemptStream;

  constructor(stream: AttemptStream) {
    this.#stream = stream;
    stream.readBy(this);
  }

  get response(): Promise<UniversalClientResponse> {
    return this.#response.promise;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Chunk> {
    const chunk = this.#read();
    if (chunk !== undefined) return Promise.resolve(chunk);
    const { error } = this.#stream;
    if (error !== undefined) return Promise.reject(error);
    this.#wanted = Promise.withResolvers();
    return this.#wanted.promise;
  }

  /** The reader stops: the server is told, and the load is released. */
  return(): Promise<Chunk> {
    this.#stream.giveUp();
    return Promise.resolve(done);
  }

  /** The reader failed: as {@link return}, and the error goes on. */
  throw(error: unknown): Promise<Chunk> {
    this.#stream.giveUp();
    return Promise.reject(error);
  }

  onHeaders(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.status = headers[":status"] ?? 0;
    this.header = appendReceived(new Headers(), headers);
    this.#response.resolve(this);
  }

  onTrailers(trailers: IncomingHttpHeaders): void {
    appendReceived(this.trailer, trailers);
  }

  onReadable(): void {
    if (this.#wanted === undefined) return;
    const chunk = this.#read();
    if (chunk === undefined) return;
    this.#wanted.resolve(chunk);
    this.#wanted = undefined;
  }

  onFailed(error: ConnectError): void {
    this.#response.reject(error);
    this.#wanted?.reject(error);
    this.#wanted = undefined;
  }

  #read(): Chunk | undefined {
    const value = this.#stream.read();
    if (value !== null) return { done: false, value };
    return this.#stream.ended ? done : undefined;
  }
}
