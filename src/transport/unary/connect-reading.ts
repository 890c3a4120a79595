import type { IncomingHttpHeaders } from "node:http2";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { UnaryResponse } from "@connectrpc/connect";
import type { AttemptStream } from "../calls/attempt-stream.ts";
import { Exchange } from "../connect/exchange.ts";
import { createProtocolTransport, type Protocol, type ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import type { MethodPlan } from "./method-plan.ts";
import type { ReceivedHeaders } from "./wire-format.ts";

/** Hands a response, as far as it has come, to Connect's own code, which makes an answer or an error of it. */
export type ReadByConnect = (
  plan: MethodPlan,
  stream: AttemptStream,
  headers: ReceivedHeaders,
  trailers: IncomingHttpHeaders | undefined,
) => Promise<UnaryResponse>;

export function readingByConnect(protocol: Protocol, protocolOptions: ResolvedProtocolOptions): ReadByConnect {
  // The request has been sent: that of Connect's own code goes nowhere.
  const options = { ...protocolOptions, sendCompression: null, useHttpGet: false };
  return async ({ method }, stream, headers, trailers) => {
    const exchange = new Exchange(stream);
    exchange.onHeaders(headers);
    if (trailers !== undefined) exchange.onTrailers(trailers);
    const httpClient = () => exchange.response;
    const transport = createProtocolTransport(protocol, options, { baseUrl: "http://answered.invalid", interceptors: [], httpClient });
    const answer = await transport.unary({ ...method, input: EmptySchema }, undefined, 0, undefined, {});
    return { ...answer, service: method.parent, method };
  };
}
