import type { OutgoingHttpHeaders } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalClientFn, UniversalClientRequest } from "@connectrpc/connect/protocol";
import { mayBounceHeader } from "../../bounce.ts";
import type { Attempt } from "../calls/attempt.ts";
import { appendHeaders } from "../calls/node-headers.ts";
import { attemptOf } from "./connect-attempt.ts";
import { Exchange } from "./exchange.ts";
import { type Body, isAnything, isOneEnvelope, readSingle } from "./request-body.ts";

/** gRPC's name (A6). It is for the server that reads it: one that calls on does not pass it on, and nor do we. */
const previousAttemptsHeader = "grpc-previous-rpc-attempts";

/**
 * Connect's view of HTTP, over the session that an attempt has taken.
 *
 * @param origin scheme and authority as they stand at the front of every request's URL
 * @param authority the `:authority` to send, or undefined for the dialled address
 */
export function createHttpClient(origin: string, authority: string | undefined): UniversalClientFn {
  const scheme = origin.slice(0, origin.indexOf(":"));
  return async (request) => {
    const attempt = attemptOf(request);
    attempt.claim();
    const body = await prepareBody(request, attempt);
    if (attempt.signal.aborted) throw ConnectError.from(attempt.signal.reason, Code.Canceled);
    const headers: OutgoingHttpHeaders = {
      ":method": request.method,
      ":path": pathOf(request.url, origin),
      ":scheme": scheme,
      ":authority": authority ?? attempt.place.address,
    };
    appendHeaders(headers, request.header);
    // Undefined is not sent. This also removes a permit that was meant for another hop.
    headers[mayBounceHeader] = attempt.mayBounce > 0 ? String(attempt.mayBounce) : undefined;
    headers[previousAttemptsHeader] = attempt.previous > 0 ? String(attempt.previous) : undefined;
    const stream = attempt.open(headers, body.kind === "none");
    const { response } = new Exchange(stream);
    if (body.kind === "whole") stream.end(body.bytes);
    else if (body.kind === "streamed") stream.send(body.chunks);
    return response;
  };
}

/** Reads the body where it is one message, so that headers and message leave in one write. */
function prepareBody({ body, header }: UniversalClientRequest, attempt: Attempt): Body | Promise<Body> {
  if (body === undefined) return { kind: "none" };
  const chunks = body[Symbol.asyncIterator]();
  const { singleRequest, isStream } = attempt.call;
  if (!singleRequest) return { kind: "streamed", chunks };
  if (isStream) return readSingle(chunks);
  return readSingle(chunks, isBareMessage(header) ? isAnything : isOneEnvelope);
}

/** Connect's unary requests are the message itself; all others come in envelopes. */
function isBareMessage(header: Headers): boolean {
  const contentType = header.get("content-type");
  return contentType === "application/proto" || contentType === "application/json";
}

function pathOf(url: string, origin: string): string {
  if (url.startsWith(origin) && url.charCodeAt(origin.length) === 47 /* / */) return url.slice(origin.length);
  // An interceptor changed the URL: its path is used, its host is not.
  const { pathname, search } = new URL(url);
  return pathname + search;
}
