import type { DescMethodStreaming } from "@bufbuild/protobuf";
import type { Interceptor, StreamRequest, StreamResponse } from "@connectrpc/connect";
import type { Attempt } from "../calls/attempt.ts";
import type { RawHeaders } from "../calls/node-headers.ts";
import { AttemptContext } from "../connect/attempt-context.ts";
import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import { intercepted } from "../unary/intercepted.ts";
import { LazyRequest } from "../unary/lazy-message.ts";
import type { Message, MethodPlan } from "../unary/method-plan.ts";
import type { RequestFields } from "../unary/request-fields.ts";
import { headerOf, madeHeader, type RequestHeader } from "../unary/request-header.ts";
import { Envelopes } from "./envelopes.ts";
import { ResponseMessages } from "./response-messages.ts";
import { type Body, readSingle } from "./stream-body.ts";
import type { StreamCall } from "./stream-call.ts";
import type { StreamFormat } from "./stream-format.ts";
import { watchedMessages } from "./watched-messages.ts";

export interface StreamAttemptsOptions {
  readonly format: StreamFormat;
  readonly fields: RequestFields;
  readonly protocolOptions: ResolvedProtocolOptions;
  readonly attemptInterceptors: readonly Interceptor[];
}

/** What one attempt sends, and who hears how its messages ended. */
interface Sending {
  readonly plan: MethodPlan<DescMethodStreaming>;
  readonly url: string;
  readonly header: RequestHeader;
  readonly messages: AsyncIterable<Message>;
  readonly onOver: (error: unknown) => void;
}

/** Attempts of streams: each is one HTTP/2 stream, from the request to the last message. */
export class StreamAttempts {
  readonly #options: StreamAttemptsOptions;

  constructor(options: StreamAttemptsOptions) {
    this.#options = options;
  }

  make(attempt: Attempt, call: StreamCall): Promise<StreamResponse> {
    attempt.follow(call.stop);
    const messages = call.begin(attempt);
    if (this.#options.attemptInterceptors.length > 0) return this.#intercepted(attempt, call, messages);
    const { plan, url } = call;
    const header = call.header.own === undefined ? headerOf(attempt, call) : call.header;
    return this.#send(attempt, { plan, url, header, messages, onOver: (error) => attempt.finish(error) });
  }

  /** Attempt interceptors may change all of a request, for this attempt alone, and all of its response: how that ends is seen outside of them. */
  async #intercepted(attempt: Attempt, call: StreamCall, messages: AsyncIterable<Message>): Promise<StreamResponse> {
    const { plan, url } = call;
    const header = headerOf(attempt, call);
    const contextValues = new AttemptContext(call.contextValues, attempt);
    const request = new LazyRequest({ plan, url, header, owner: attempt, contextValues, message: messages, stream: true as const });
    const send = (changed: StreamRequest) => {
      if (changed !== request && !attempt.has(changed.signal)) attempt.follow(changed.signal);
      const changedHeader = changed === request ? header : madeHeader(changed.header);
      return this.#send(attempt, { plan, url: changed.url, header: changedHeader, messages: changed.message, onOver: () => {} });
    };
    const response = await intercepted<StreamRequest, StreamResponse>(this.#options.attemptInterceptors, request, send);
    return { ...response, message: watchedMessages(response.message, (error) => attempt.finish(error)) };
  }

  async #send(attempt: Attempt, sending: Sending): Promise<StreamResponse> {
    attempt.claim();
    const { format, protocolOptions } = this.#options;
    const { plan, messages, onOver } = sending;
    const envelopes = new Envelopes(messages, plan.input, protocolOptions);
    // One message leaves with the headers, in one write.
    const body: Body =
      plan.method.methodKind === "server_streaming" ? await readSingle(envelopes) : { kind: "streamed", chunks: envelopes };
    const stream = attempt.open(this.#fieldsOf(attempt, sending), body.kind === "none");
    const { response } = new ResponseMessages({ stream, plan, format, readMaxBytes: protocolOptions.readMaxBytes, onOver });
    if (body.kind === "whole") stream.end(body.bytes);
    else if (body.kind === "streamed") stream.send(body.chunks);
    return response;
  }

  #fieldsOf(attempt: Attempt, { plan, url, header }: Sending): RawHeaders {
    const { fields } = this.#options;
    const { own } = header;
    return own !== undefined && url === plan.url
      ? fields.plain(plan, attempt, own, false)
      : fields.of(header.headers, attempt, "POST", url);
  }
}
