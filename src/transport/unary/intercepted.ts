import type { Interceptor, UnaryRequest, UnaryResponse } from "@connectrpc/connect";

/** Passes a unary request through interceptors, the first of which is the outermost, and then to `next`. */
export function intercepted(
  interceptors: readonly Interceptor[],
  request: UnaryRequest,
  next: (request: UnaryRequest) => Promise<UnaryResponse>,
): Promise<UnaryResponse> {
  const chain = interceptors.reduceRight((next, interceptor) => interceptor(next), next as ReturnType<Interceptor>);
  return chain(request) as Promise<UnaryResponse>;
}
