import type { Interceptor, StreamRequest, StreamResponse, UnaryRequest, UnaryResponse } from "@connectrpc/connect";

/** Passes a request through interceptors, the first of which is the outermost, and then to `next`. */
export function intercepted<Req extends UnaryRequest | StreamRequest, Res extends UnaryResponse | StreamResponse>(
  interceptors: readonly Interceptor[],
  request: Req,
  next: (request: Req) => Promise<Res>,
): Promise<Res> {
  const chain = interceptors.reduceRight((next, interceptor) => interceptor(next), next as unknown as ReturnType<Interceptor>);
  return chain(request) as Promise<Res>;
}
