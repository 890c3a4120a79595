import type { Interceptor, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import { transformConnectPostToGetRequest } from "@connectrpc/connect/protocol-connect";
import type { Attempt } from "../calls/attempt.ts";
import { EagerBytes } from "../calls/eager-bytes.ts";
import { AttemptContext } from "../connect/attempt-context.ts";
import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import { intercepted } from "./intercepted.ts";
import { LazyRequest } from "./lazy-message.ts";
import { bodyMaker, type MakeBody, type RequestBody } from "./request-body.ts";
import type { RequestFields } from "./request-fields.ts";
import { headerOf, madeHeader, type RequestHeader } from "./request-header.ts";
import { type Reading, ResponseReader } from "./response-reader.ts";
import type { UnaryCall } from "./unary-call.ts";
import type { WireFormat } from "./wire-format.ts";

export interface UnaryAttemptsOptions {
  readonly format: WireFormat;
  readonly fields: RequestFields;
  readonly reading: Reading;
  readonly protocolOptions: ResolvedProtocolOptions;
  readonly attemptInterceptors: readonly Interceptor[];
}

/** What one attempt sends. */
interface Sending {
  readonly call: UnaryCall;
  readonly url: string;
  readonly header: RequestHeader;
  readonly body: RequestBody;
}

/** Attempts of unary calls: each is one stream, from the request to the answer. */
export class UnaryAttempts {
  readonly #options: UnaryAttemptsOptions;
  readonly #makeBody: MakeBody;

  constructor(options: UnaryAttemptsOptions) {
    this.#options = options;
    this.#makeBody = bodyMaker(options.format, options.protocolOptions);
  }

  make(attempt: Attempt, call: UnaryCall): Promise<UnaryResponse> {
    attempt.follow(call.stop);
    if (this.#options.attemptInterceptors.length > 0) return this.#intercepted(attempt, call);
    const { url } = call;
    const header = call.header.own === undefined ? headerOf(attempt, call) : call.header;
    call.body ??= this.#makeBody(call.plan, call.message);
    if (!(call.body instanceof Promise)) return this.#send(attempt, { call, url, header, body: call.body });
    return call.body.then((body) => this.#send(attempt, { call, url, header, body }));
  }

  /** Attempt interceptors may change all of a request, its message too, and for this attempt alone. */
  #intercepted(attempt: Attempt, call: UnaryCall): Promise<UnaryResponse> {
    const { plan, url, message } = call;
    const header = headerOf(attempt, call);
    const contextValues = new AttemptContext(call.contextValues, attempt);
    const request = new LazyRequest({ plan, url, header, owner: attempt, contextValues, message, stream: false as const });
    return intercepted<UnaryRequest, UnaryResponse>(this.#options.attemptInterceptors, request, async (changed) => {
      attempt.claim();
      if (changed !== request && !attempt.has(changed.signal)) attempt.follow(changed.signal);
      const body = await this.#makeBody(plan, changed.message);
      return this.#send(attempt, { call, url: changed.url, header: changed === request ? header : madeHeader(changed.header), body });
    });
  }

  #send(attempt: Attempt, sending: Sending): Promise<UnaryResponse> {
    const { plan } = sending.call;
    const stream = attempt.open(this.#fieldsOf(attempt, sending), plan.isGet, EagerBytes);
    const { answer } = new ResponseReader(stream, plan, this.#options.reading);
    if (!plan.isGet) stream.end(sending.body.bytes);
    return answer;
  }

  #fieldsOf(attempt: Attempt, { call, url, header, body }: Sending): readonly string[] {
    const { fields, format, protocolOptions } = this.#options;
    const { plan } = call;
    const { own } = header;
    if (own !== undefined && url === plan.url && !plan.isGet) return fields.plain(plan, attempt, own, body.isCompressed);
    const headers = new Headers(header.headers);
    if (format.encodingName !== undefined) headers.delete(format.encodingName);
    if (format.encodingName !== undefined && body.isCompressed)
      headers.set(format.encodingName, protocolOptions.sendCompression?.name ?? "");
    if (!plan.isGet) return fields.of(headers, attempt, "POST", url);
    const request = { url, header: headers } as UnaryRequest;
    const got = transformConnectPostToGetRequest(request, body.bytes as Uint8Array<ArrayBuffer>, protocolOptions.useBinaryFormat);
    return fields.of(got.header, attempt, "GET", got.url);
  }
}
