import type { Message } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { toConnectError } from "./errors.ts";
import type { ConformancePayload, Init, StreamResponseDefinition } from "./messages.ts";
import { infoOf, toAny } from "./request-info.ts";
import { pause, setMetadata } from "./response-metadata.ts";

interface Response {
  readonly payload: Init<ConformancePayload>;
}

/** The responses of one stream. Each tells which requests came in since the one before it; the first tells all of the call. */
export class StreamReply {
  readonly #definition: StreamResponseDefinition | undefined;
  readonly #context: HandlerContext;
  readonly #untold: Message[] = [];
  #sent = 0;

  constructor(definition: StreamResponseDefinition | undefined, context: HandlerContext) {
    this.#definition = definition;
    this.#context = context;
    setMetadata(definition, context);
  }

  hear(request: Message): void {
    this.#untold.push(request);
  }

  /** The next response; undefined when there are no more. */
  async next(): Promise<Response | undefined> {
    const data = this.#definition?.responseData[this.#sent];
    if (data === undefined) return undefined;
    await pause(this.#definition, this.#context);
    const requests = this.#untold.splice(0);
    const isFirst = this.#sent++ === 0;
    const requestInfo = isFirst ? infoOf(requests, this.#context) : { requests: requests.map(toAny) };
    return { payload: { data, requestInfo } };
  }

  /** The responses that are left, then the error if there is to be one. */
  async *rest(): AsyncGenerator<Response, void, undefined> {
    for (let response = await this.next(); response !== undefined; response = await this.next()) yield response;
    const error = this.#definition?.error;
    if (error === undefined) return;
    throw this.#sent === 0 ? toConnectError(error, toAny(infoOf(this.#untold, this.#context))) : toConnectError(error);
  }
}
