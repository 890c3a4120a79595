import type { IncomingHttpHeaders } from "node:http2";
import type { ConnectError, UnaryResponse } from "@connectrpc/connect";
import type { AttemptStream, StreamReader } from "../calls/attempt-stream.ts";
import type { EagerBytes } from "../calls/eager-bytes.ts";
import type { ReadByConnect } from "./connect-reading.ts";
import { LazyResponse } from "./lazy-message.ts";
import type { MethodPlan } from "./method-plan.ts";
import type { ReceivedHeaders, ReceivedMessage, WholeResponse, WireFormat } from "./wire-format.ts";

export interface Reading {
  readonly format: WireFormat;
  readonly readMaxBytes: number;
  readonly readByConnect: ReadByConnect;
}

/**
 * Reads the response of an attempt. What is usual is read here once it is whole. As soon as something is not, the rest is Connect's: its own code says
 * what is wrong with the headers before a body has come, or with a body that does not end.
 */
export class ResponseReader implements StreamReader {
  readonly #answer = Promise.withResolvers<UnaryResponse>();
  #headers: ReceivedHeaders | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #maxBytes: number | undefined;
  readonly #stream: AttemptStream<EagerBytes>;
  readonly #plan: MethodPlan;
  readonly #reading: Reading;

  constructor(stream: AttemptStream<EagerBytes>, plan: MethodPlan, reading: Reading) {
    this.#stream = stream;
    this.#plan = plan;
    this.#reading = reading;
    stream.readBy(this);
  }

  get answer(): Promise<UnaryResponse> {
    return this.#answer.promise;
  }

  onHeaders(headers: ReceivedHeaders): void {
    this.#headers = headers;
    if (!this.#reading.format.isUsual(headers)) this.#leaveToConnect();
    else this.onReadable();
  }

  onTrailers(trailers: IncomingHttpHeaders): void {
    this.#trailers = trailers;
  }

  /** Bytes may come before the event of the headers that they follow. */
  onReadable(): void {
    if (this.#headers === undefined) return;
    const { bytes, ended } = this.#stream;
    if (bytes.first !== undefined) this.#maxBytes ??= this.#reading.format.maxBytes(bytes.first);
    if (bytes.received > (this.#maxBytes ?? 0)) this.#leaveToConnect();
    else if (ended) this.#finish({ headers: this.#headers, trailers: this.#trailers, body: bytes.rest });
  }

  onFailed(error: ConnectError): void {
    this.#answer.reject(error);
  }

  #finish(response: WholeResponse): void {
    const message = this.#reading.format.read(response);
    if (message === undefined) return this.#leaveToConnect();
    try {
      this.#answer.resolve(this.#decode(message, response));
    } catch (error) {
      this.#answer.reject(error);
    }
  }

  #decode({ bytes, compression }: ReceivedMessage, response: WholeResponse): UnaryResponse | Promise<UnaryResponse> {
    if (compression === undefined) return this.#parse(bytes, response);
    const { readMaxBytes } = this.#reading;
    return compression.decompress(bytes as Uint8Array<ArrayBuffer>, readMaxBytes).then((message) => this.#parse(message, response));
  }

  #parse(message: Uint8Array, response: WholeResponse): UnaryResponse {
    return new LazyResponse(this.#plan, this.#plan.output.parse(message), this.#reading.format, response);
  }

  #leaveToConnect(): void {
    const { readByConnect } = this.#reading;
    this.#answer.resolve(readByConnect(this.#plan, this.#stream, this.#headers as ReceivedHeaders, this.#trailers));
  }
}
