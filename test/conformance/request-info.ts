import { create, type Message } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import { fromHeaders } from "./headers.ts";
import type { RequestInfo } from "./messages.ts";
import { schemaOf } from "./protos.ts";

const schema = schemaOf<RequestInfo>("connectrpc.conformance.v1.ConformancePayload.RequestInfo");

/** What a server saw of a call. */
export function infoOf(requests: readonly Message[], context: HandlerContext): RequestInfo {
  const { requestHeader, requestMethod, url } = context;
  const timeoutMs = context.timeoutMs();
  return create(schema, {
    requestHeaders: fromHeaders(requestHeader),
    requests: requests.map(toAny),
    ...(timeoutMs !== undefined && { timeoutMs: BigInt(Math.trunc(timeoutMs)) }),
    ...(requestMethod === "GET" && { connectGetInfo: { queryParams: fromHeaders(new URL(url).searchParams) } }),
  });
}

export function toAny(message: Message): Any {
  return anyPack(schemaOf(message.$typeName), message);
}
