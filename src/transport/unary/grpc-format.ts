import { requestHeaderWithCompression } from "@connectrpc/connect/protocol-grpc";
import { appendReceived } from "../calls/node-headers.ts";
import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import { compressedFlag, copyOf, knownEncodings, lengthAt, prefixBytes, withPrefix } from "./received-bytes.ts";
import type { ReceivedHeaders, ReceivedMessage, WireFormat } from "./wire-format.ts";

/** The message stands in an envelope, and the status in HTTP trailers. */
export function grpcFormat(options: ResolvedProtocolOptions): WireFormat {
  const { useBinaryFormat, acceptCompression, sendCompression } = options;
  const contentTypes = useBinaryFormat ? ["application/grpc+proto", "application/grpc"] : ["application/grpc+json"];
  const { readsAs, ...enveloped } = envelopedFormat(options, contentTypes);
  return {
    ...enveloped,
    header: (timeoutMs, given) => requestHeaderWithCompression(useBinaryFormat, timeoutMs, given, acceptCompression, sendCompression),
    maxBytes: (first) => prefixBytes + messageBytes(first, options.readMaxBytes),
    read({ headers, trailers, body }) {
      if (trailers?.["grpc-status"] !== "0" || trailers["grpc-status-details-bin"] !== undefined) return undefined;
      return readsAs(headers, body, body.length);
    },
    metadata: ({ headers, trailers = {} }) => [appendReceived(new Headers(), headers), appendReceived(new Headers(), trailers)],
  };
}

/** What gRPC and gRPC-Web have in common. */
export function envelopedFormat(
  { acceptCompression, readMaxBytes }: ResolvedProtocolOptions,
  contentTypes: readonly (string | undefined)[],
) {
  const encodings = knownEncodings(acceptCompression);
  const encodingOf = (headers: ReceivedHeaders) => String(headers["grpc-encoding"] ?? "identity");
  return {
    hasGet: false,
    timeoutName: "grpc-timeout",
    encodingName: undefined,
    compresses: (bytes: number, minBytes: number) => bytes >= minBytes,
    body: withPrefix,
    isUsual: (headers: ReceivedHeaders) =>
      headers[":status"] === 200 &&
      contentTypes.includes(headers["content-type"]) &&
      headers["grpc-status"] === undefined &&
      headers["grpc-status-details-bin"] === undefined &&
      encodings.has(encodingOf(headers)),
    /** The message in the envelope that begins the body and reaches up to `end`; undefined if there is none. */
    readsAs(headers: ReceivedHeaders, body: Uint8Array, end: number): ReceivedMessage | undefined {
      if (end < prefixBytes || end - prefixBytes !== messageBytes(body, readMaxBytes)) return undefined;
      const compression = body[0] === compressedFlag ? encodings.get(encodingOf(headers)) : undefined;
      if (body[0] !== 0 && compression === undefined) return undefined;
      return { bytes: copyOf(body, prefixBytes, end), compression };
    },
  } as const;
}

/** How long the message is in the envelope that begins so; none where that is not here yet, is none, or is too long. */
export function messageBytes(first: Uint8Array, readMaxBytes: number): number {
  if (first.length < prefixBytes || (first[0] as number) > compressedFlag) return Number.NEGATIVE_INFINITY;
  const length = lengthAt(first, 0);
  return length > readMaxBytes ? Number.NEGATIVE_INFINITY : length;
}
