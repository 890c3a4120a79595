import { setTimeout as delay } from "node:timers/promises";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type CallOptions, type Client, ConnectError } from "@connectrpc/connect";
import { Bell } from "../../src/bell.ts";
import { toProtoError } from "./errors.ts";
import { appendHeaders, fromHeaders } from "./headers.ts";
import {
  type ClientCompatRequest,
  type ClientResponseResult,
  type ConformancePayload,
  type ConformanceService,
  fullDuplexBidiStream,
  type Init,
} from "./messages.ts";
import { conformanceService } from "./protos.ts";

type ConformanceClient = Client<ConformanceService>;

/** What all responses have in common. */
interface Response {
  readonly payload?: ConformancePayload;
}

/** One call, made to the letter of the runner's request. */
export class Call {
  readonly #request: ClientCompatRequest;
  readonly #cancel = new AbortController();
  readonly #received: Init<ConformancePayload>[] = [];
  readonly #onReceived = new Bell();

  constructor(request: ClientCompatRequest) {
    this.#request = request;
  }

  /**
   * Makes the call. An error that it ends with is a result too.
   *
   * @throws Error when the request can't be made a call of
   */
  async run(client: ConformanceClient): Promise<Init<ClientResponseResult>> {
    const { requestHeaders, timeoutMs } = this.#request;
    const headers = new Headers();
    appendHeaders(headers, requestHeaders);
    let responseHeaders = fromHeaders([]);
    let responseTrailers = fromHeaders([]);
    const responses = this.#start(client, {
      signal: this.#cancel.signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
      headers,
      onHeader: (header) => {
        responseHeaders = fromHeaders(header);
      },
      onTrailer: (trailer) => {
        responseTrailers = fromHeaders(trailer);
      },
    });
    try {
      for await (const { payload = {} } of responses) this.#receive(payload);
      return { responseHeaders, responseTrailers, payloads: this.#received };
    } catch (reason) {
      const error = ConnectError.from(reason);
      return { responseHeaders, responseTrailers: fromHeaders(error.metadata), payloads: this.#received, error: toProtoError(error) };
    }
  }

  #start(client: ConformanceClient, options: CallOptions): AsyncIterable<Response> {
    const { unary, idempotentUnary, unimplemented, serverStream, clientStream, bidiStream } = conformanceService.method;
    switch (this.#request.method) {
      case "Unary":
        return once(client.unary(this.#single(unary.input), options));
      case "IdempotentUnary":
        return once(client.idempotentUnary(this.#single(idempotentUnary.input), options));
      case "Unimplemented":
        return once(client.unimplemented(this.#single(unimplemented.input), options));
      case "ServerStream":
        return client.serverStream(this.#single(serverStream.input), options);
      case "ClientStream":
        return once(client.clientStream(this.#stream(clientStream.input), options));
      case "BidiStream":
        return client.bidiStream(this.#stream(bidiStream.input), options);
      default:
        throw new Error(`the method ${this.#request.method} is unknown`);
    }
  }

  #single<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> {
    const [any, ...others] = this.#request.requestMessages;
    if (any === undefined || others.length > 0) throw new Error(`${schema.typeName} stands alone`);
    this.#onSent();
    return unpack(any, schema);
  }

  async *#stream<Desc extends DescMessage>(schema: Desc): AsyncIterable<MessageShape<Desc>> {
    const { requestMessages, requestDelayMs, streamType, cancel } = this.#request;
    for (const [index, any] of requestMessages.entries()) {
      if (requestDelayMs > 0) await delay(requestDelayMs);
      yield unpack(any, schema);
      if (streamType === fullDuplexBidiStream) await this.#hasReceived(index + 1);
    }
    if (cancel?.cancelTiming.case === "beforeCloseSend") this.#cancel.abort();
    this.#onSent();
  }

  /** The last message is on its way, and the end of the stream follows at once. */
  #onSent(): void {
    const timing = this.#request.cancel?.cancelTiming;
    if (timing?.case === "afterCloseSendMs") setTimeout(() => this.#cancel.abort(), timing.value);
  }

  #receive(payload: Init<ConformancePayload>): void {
    this.#received.push(payload);
    this.#onReceived.ring();
    const timing = this.#request.cancel?.cancelTiming;
    if (timing?.case === "afterNumResponses" && timing.value === this.#received.length) this.#cancel.abort();
  }

  async #hasReceived(count: number): Promise<void> {
    while (this.#received.length < count) await this.#onReceived.wait(this.#cancel.signal);
  }
}

function unpack<Desc extends DescMessage>(any: Any, schema: Desc): MessageShape<Desc> {
  const message = anyUnpack(any, schema);
  if (message === undefined) throw new Error(`${any.typeUrl} is no ${schema.typeName}`);
  return message;
}

async function* once<T>(answer: Promise<T>): AsyncIterable<T> {
  yield await answer;
}
