import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { bouncedHeader } from "../../bounce.ts";
import { appendReceived } from "./node-headers.ts";

/**
 * Whether the first header block of a response says that the call was bounced. To be asked of attempts with a permit only: from any other server
 * the same words are an overload like another. Nor are they believed of a response that is something else, such as a success that was passed on
 * with headers from elsewhere.
 */
export function saysBounced(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): boolean {
  if (headers[bouncedHeader] !== "1") return false;
  if (headers[":status"] === tooManyRequests) return true;
  const { "content-type": contentType = "", "grpc-status": grpcStatus = resourceExhausted } = headers;
  return headers[":status"] === 200 && isEnveloped.test(contentType) && grpcStatus === resourceExhausted;
}

/** As Connect's unary calls have it. All others answer 200, and say the code further on. */
const tooManyRequests = 429;
const resourceExhausted = String(Code.ResourceExhausted);
const isEnveloped = /^application\/(grpc|connect\+)/;

/** What an attempt that was bounced fails with. The caller sees it only if the call can't be made again. */
export function bounceError(address: string, headers: IncomingHttpHeaders): ConnectError {
  const metadata = appendReceived(new Headers(), headers);
  return new ConnectError(`${address} is above its limit and did not take the call`, Code.ResourceExhausted, metadata);
}
