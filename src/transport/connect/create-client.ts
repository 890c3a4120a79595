import type { DescMethodBiDiStreaming, DescMethodServerStreaming, DescService } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type Client,
  createClient as createConnectClient,
  makeAnyClient,
  type StreamResponse,
  type Transport,
} from "@connectrpc/connect";

/**
 * Connect's `createClient`, with one difference: leaving a `for await` loop over responses early (`break`, `return`, `throw`) cancels the
 * call at once. Up to 2.2, connect's own client hides the iterator's `return()`, so that the server goes on until the garbage collector notices.
 */
export function createClient<Service extends DescService>(service: Service, transport: Transport): Client<Service> {
  const client = createConnectClient(service, transport) as Record<string, unknown>;
  return makeAnyClient(service, (method) => {
    if (method.methodKind !== "server_streaming" && method.methodKind !== "bidi_streaming") return client[method.localName] as never;
    const isSingle = method.methodKind === "server_streaming";
    return (request, options?: CallOptions) =>
      new Responses(transport, method, isSingle ? single(request as Record<string, unknown>) : (request as Requests), options);
  }) as Client<Service>;
}

/** Request messages as connect takes them when their schema is not known. */
type Requests = AsyncIterable<Record<string, unknown>>;

async function* single<T>(request: T): AsyncGenerator<T> {
  yield request;
}

/** The responses of one call. The call starts at once; the responses can be read once. */
class Responses implements AsyncIterableIterator<unknown, undefined> {
  readonly #messages: Promise<AsyncIterator<unknown>>;
  readonly #options: CallOptions | undefined;
  /** Once it is here, and nobody is to be told of trailers. */
  #quick: AsyncIterator<unknown> | undefined;
  #trailer: Headers | undefined;

  constructor(
    transport: Transport,
    method: DescMethodServerStreaming | DescMethodBiDiStreaming,
    requests: Requests,
    options: CallOptions | undefined,
  ) {
    this.#options = options;
    const { signal, timeoutMs, headers, contextValues } = options ?? {};
    const response = transport.stream(method, signal, timeoutMs, headers, requests, contextValues);
    this.#messages = response.then((response) => this.#begin(response));
    // Whoever reads is told; whoever never reads does not end the process.
    this.#messages.catch(() => {});
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#quick === undefined ? this.#next() : this.#quick.next();
  }

  async #next(): Promise<IteratorResult<unknown, undefined>> {
    const messages = await this.#messages;
    if (this.#options?.onTrailer === undefined) this.#quick = messages;
    const message = await messages.next();
    if (message.done === true && this.#trailer !== undefined) {
      this.#options?.onTrailer?.(this.#trailer);
      this.#trailer = undefined;
    }
    return message;
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#trailer = undefined;
    await this.#messages.then((messages) => messages.return?.()).catch(() => {});
    return { done: true, value: undefined };
  }

  #begin({ header, trailer, message }: StreamResponse): AsyncIterator<unknown> {
    this.#options?.onHeader?.(header);
    this.#trailer = trailer;
    return message[Symbol.asyncIterator]();
  }
}
