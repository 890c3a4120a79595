import { Code, ConnectError } from "@connectrpc/connect";
import type { RawHeaders } from "./node-headers.ts";

/** What Node.js sends unless its option says otherwise. */
const maxSendHeaderBlockLength = 65_536;

/** A server can't mean less: headers up to here are sent to it, and if it refuses them, that is its own failure. gRPC servers say 8 KiB. */
const leastCredibleBytes = 4_096;

/**
 * The error of headers that are larger than the server's SETTINGS allow, or undefined. It is no use to send them: the server resets the stream,
 * or cuts the connection, without a word why.
 */
export function beyondSettings(headers: RawHeaders, allowedBytes: number, address: string): ConnectError | undefined {
  const maxBytes = Math.max(allowedBytes, leastCredibleBytes);
  if (maxBytes === Number.POSITIVE_INFINITY || headerListBytes(headers) <= maxBytes) return undefined;
  return tooLarge(headers, `and ${address} allows ${maxBytes} at most (SETTINGS_MAX_HEADER_LIST_SIZE)`);
}

/** Whether Node.js might not send them: its limit can't be meant to be so low that it refuses any other. */
export function mayBeBeyondNode(headers: RawHeaders): boolean {
  return headerListBytes(headers) > leastCredibleBytes;
}

/** The error of headers that Node.js did not send. */
export function beyondNode(headers: RawHeaders): ConnectError {
  return tooLarge(headers, `and Node.js sends ${maxSendHeaderBlockLength} at most, unless maxSendHeaderBlockLength says otherwise`);
}

function tooLarge(headers: RawHeaders, limit: string): ConnectError {
  const what = `${headerListBytes(headers)} bytes, path included`;
  return new ConnectError(`the request's headers are too large: ${what}, ${limit}; put less into them`, Code.ResourceExhausted);
}

/** As HTTP/2 counts (RFC 9113, 6.5.2): uncompressed, and 32 bytes for each field, 16 for its name and 16 for its value. */
function headerListBytes(headers: RawHeaders): number {
  let bytes = 0;
  for (const text of headers) bytes += text.length + 16;
  return bytes;
}
