import type { DescMethod, DescMethodUnary, DescService } from "@bufbuild/protobuf";
import type { ContextValues, UnaryResponse } from "@connectrpc/connect";
import type { Message, MethodPlan } from "./method-plan.ts";
import type { RequestHeader } from "./request-header.ts";
import type { WholeResponse, WireFormat } from "./wire-format.ts";

// Their accessors are properties of their own, so that `{ ...request }` has them; in an object literal they would cost thrice as much.

interface LazyRequestInit<M extends DescMethod, T, S extends boolean> {
  readonly stream: S;
  readonly plan: MethodPlan<M>;
  readonly url: string;
  readonly contextValues: ContextValues;
  /** Of a stream: all messages. */
  readonly message: T;
  readonly header: RequestHeader;
  /** Whose signal it is. */
  readonly owner: { readonly signal: AbortSignal };
}

/** A request for interceptors: its headers and its signal are made for those who look at them. */
export class LazyRequest<M extends DescMethod, T, S extends boolean> {
  readonly stream: S;
  readonly service: DescService;
  readonly method: M;
  readonly requestMethod = "POST";
  readonly url: string;
  readonly contextValues: ContextValues;
  readonly message: T;
  declare readonly header: Headers;
  declare readonly signal: AbortSignal;
  readonly #header: RequestHeader;
  readonly #owner: { readonly signal: AbortSignal };

  static readonly #accessors: PropertyDescriptorMap & ThisType<LazyRequest<DescMethod, unknown, boolean>> = {
    header: {
      enumerable: true,
      get() {
        return this.#header.headers;
      },
    },
    signal: {
      enumerable: true,
      get() {
        return this.#owner.signal;
      },
    },
  };

  constructor({ stream, plan, url, contextValues, message, header, owner }: LazyRequestInit<M, T, S>) {
    this.stream = stream;
    this.service = plan.method.parent;
    this.method = plan.method;
    this.url = url;
    this.contextValues = contextValues;
    this.message = message;
    this.#header = header;
    this.#owner = owner;
    Object.defineProperties(this, LazyRequest.#accessors);
  }
}

/** A response, whose headers and trailers are made likewise. */
export class LazyResponse implements UnaryResponse {
  readonly stream = false;
  readonly service: DescService;
  readonly method: DescMethodUnary;
  readonly message: Message;
  declare readonly header: Headers;
  declare readonly trailer: Headers;
  #made: readonly [Headers, Headers] | undefined;
  readonly #format: WireFormat;
  readonly #response: WholeResponse;

  static readonly #accessors: PropertyDescriptorMap & ThisType<LazyResponse> = {
    header: {
      enumerable: true,
      get() {
        return this.#metadata[0];
      },
    },
    trailer: {
      enumerable: true,
      get() {
        return this.#metadata[1];
      },
    },
  };

  constructor({ method }: MethodPlan, message: Message, format: WireFormat, response: WholeResponse) {
    this.service = method.parent;
    this.method = method;
    this.message = message;
    this.#format = format;
    this.#response = response;
    Object.defineProperties(this, LazyResponse.#accessors);
  }

  get #metadata(): readonly [Headers, Headers] {
    this.#made ??= this.#format.metadata(this.#response);
    return this.#made;
  }
}
