import { requestHeaderWithCompression, trailerFlag, trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import { appendReceived } from "../calls/node-headers.ts";
import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import { envelopedFormat, messageBytes } from "./grpc-format.ts";
import { lengthAt, prefixBytes } from "./received-bytes.ts";
import type { WireFormat } from "./wire-format.ts";

/** More trailers than this are not usual. */
const maxTrailerBytes = 65_536;

/** Lines of ASCII, each a name and a value. */
const plainTrailers = /^(?:[\w!#$%&'*+.^`|~-]+:[ -~]*\r\n)+$/;
const isSuccess = /(?:^|\n)grpc-status: ?0\r/i;
const isStatus = /grpc-status/gi;

/** The message stands in an envelope, and the trailers in a second one. */
export function grpcWebFormat(options: ResolvedProtocolOptions): WireFormat {
  const { useBinaryFormat, acceptCompression, sendCompression } = options;
  const { readsAs, ...enveloped } = envelopedFormat(options, [`application/grpc-web+${useBinaryFormat ? "proto" : "json"}`]);
  return {
    ...enveloped,
    header: (timeoutMs, given) => requestHeaderWithCompression(useBinaryFormat, timeoutMs, given, acceptCompression, sendCompression, true),
    maxBytes: (first) => prefixBytes + messageBytes(first, options.readMaxBytes) + prefixBytes + maxTrailerBytes,
    read({ headers, body }) {
      const end = prefixBytes + messageBytes(body, options.readMaxBytes);
      return hasSuccessAt(body, end) ? readsAs(headers, body, end) : undefined;
    },
    metadata({ headers, body }) {
      const from = prefixBytes + lengthAt(body, 0) + prefixBytes;
      return [appendReceived(new Headers(), headers), trailerParse(body.subarray(from))];
    },
  };
}

/** From there on the body is one envelope of trailers, with one status, of success. */
function hasSuccessAt(body: Uint8Array, at: number): boolean {
  if (!(at >= prefixBytes) || body.length < at + prefixBytes) return false;
  if (body[at] !== trailerFlag || lengthAt(body, at) !== body.length - at - prefixBytes) return false;
  const text = Buffer.from(body.buffer, body.byteOffset + at + prefixBytes, body.length - at - prefixBytes).toString("latin1");
  return plainTrailers.test(text) && isSuccess.test(text) && text.match(isStatus)?.length === 1;
}
