import type { ContextValues, UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import type { Message, MethodPlan } from "./method-plan.ts";
import type { RequestHeader } from "./request-header.ts";

export interface LazyRequestInit {
  readonly plan: MethodPlan;
  readonly url: string;
  readonly header: RequestHeader;
  /** Whose signal it is. */
  readonly owner: { readonly signal: AbortSignal };
  readonly contextValues: ContextValues;
  readonly message: Message;
}

/** A request for interceptors. Its headers and its signal are made for who looks at them; its accessors are its own, so that `{ ...request }` has them. */
export function lazyRequest({ plan, url, header, owner, contextValues, message }: LazyRequestInit): UnaryRequest {
  return {
    stream: false,
    service: plan.method.parent,
    method: plan.method,
    requestMethod: "POST",
    url,
    contextValues,
    message,
    get header() {
      return header.headers;
    },
    get signal() {
      return owner.signal;
    },
  };
}

/** A response likewise. */
export function lazyResponse(plan: MethodPlan, message: Message, metadata: () => readonly [Headers, Headers]): UnaryResponse {
  let made: readonly [Headers, Headers] | undefined;
  const both = () => {
    made ??= metadata();
    return made;
  };
  return {
    stream: false,
    service: plan.method.parent,
    method: plan.method,
    message,
    get header() {
      return both()[0];
    },
    get trailer() {
      return both()[1];
    },
  };
}
