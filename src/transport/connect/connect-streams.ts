import type { Transport } from "@connectrpc/connect";
import type { CallLoop } from "../calls/call-loop.ts";
import type { CallsOptions } from "./calls-options.ts";
import { ConnectAttempts } from "./connect-attempt.ts";
import { createHttpClient } from "./http-client.ts";
import { asConnectHasIt, createProtocolTransport } from "./protocol-options.ts";
import { stoppable } from "./stoppable.ts";

/** Streams, through Connect's own protocol code. */
export function createConnectStreams(loop: CallLoop, options: CallsOptions): Transport["stream"] {
  const { protocol, protocolOptions, interceptors, attemptInterceptors, origin, authority, pathPrefix, rules, clock } = options;
  const transport = createProtocolTransport(protocol, protocolOptions, {
    baseUrl: origin + pathPrefix,
    httpClient: createHttpClient(origin, authority),
    interceptors: [...interceptors, ...new ConnectAttempts(loop, rules, clock, attemptInterceptors).interceptors],
  });
  return stoppable((method, signal, timeoutMs, ...rest) => transport.stream(method, signal, asConnectHasIt(timeoutMs), ...rest));
}
