import type { UniversalClientFn } from "@connectrpc/connect/protocol";
import { appendHeaders, appendOwn } from "../calls/node-headers.ts";
import { attemptOf } from "./connect-attempt.ts";
import { Exchange } from "./exchange.ts";
import { type Body, readSingle } from "./request-body.ts";

/**
 * Connect's view of HTTP, over the session that an attempt has taken.
 *
 * @param origin scheme and authority as they stand at the front of every request's URL
 * @param authority the `:authority` to send, or undefined for the dialled address
 */
export function createHttpClient(origin: string, authority: string | undefined): UniversalClientFn {
  const scheme = origin.slice(0, origin.indexOf(":"));
  return async ({ method, url, header, signal, body }) => {
    const attempt = attemptOf(signal);
    attempt.claim();
    const prepared = await prepareBody(body, attempt.call.singleRequest);
    const path = pathOf(url, origin);
    const headers = [":method", method, ":path", path, ":scheme", scheme, ":authority", authority ?? attempt.place.address];
    appendOwn(appendHeaders(headers, header), attempt);
    const stream = attempt.open(headers, prepared.kind === "none");
    const { response } = new Exchange(stream);
    if (prepared.kind === "whole") stream.end(prepared.bytes);
    else if (prepared.kind === "streamed") stream.send(prepared.chunks);
    return response;
  };
}

/** Reads the body where it is one message, so that headers and message leave in one write. */
function prepareBody(body: AsyncIterable<Uint8Array> | undefined, isSingle: boolean): Body | Promise<Body> {
  if (body === undefined) return { kind: "none" };
  const chunks = body[Symbol.asyncIterator]();
  return isSingle ? readSingle(chunks) : { kind: "streamed", chunks };
}

/** @param origin as it stands at the front of the URL, unless an interceptor changed that: then its path is used, its host is not */
export function pathOf(url: string, origin: string): string {
  if (url.startsWith(origin) && url.charCodeAt(origin.length) === 47 /* / */) return url.slice(origin.length);
  const { pathname, search } = new URL(url);
  return pathname + search;
}
