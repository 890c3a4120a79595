import { requestHeaderWithCompression, trailerDemux } from "@connectrpc/connect/protocol-connect";
import { appendReceived } from "../calls/node-headers.ts";
import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import { copyOf, knownEncodings } from "./received-bytes.ts";
import type { WireFormat } from "./wire-format.ts";

/** The message is the body, trailers are headers with a prefix, and errors have an HTTP status of their own. */
export function connectFormat(options: ResolvedProtocolOptions): WireFormat {
  const { useBinaryFormat, acceptCompression, sendCompression, readMaxBytes } = options;
  const contentType = useBinaryFormat ? "application/proto" : "application/json";
  const encodings = knownEncodings(acceptCompression);
  return {
    hasGet: true,
    timeoutName: "connect-timeout-ms",
    encodingName: "content-encoding",
    header: (timeoutMs, given) =>
      requestHeaderWithCompression("unary", useBinaryFormat, timeoutMs, given, acceptCompression, sendCompression, true),
    compresses: (bytes, minBytes) => bytes > minBytes,
    body: (message) => message,
    isUsual: (headers) =>
      headers[":status"] === 200 && headers["content-type"] === contentType && encodings.has(headers["content-encoding"] ?? "identity"),
    maxBytes: () => readMaxBytes,
    read({ headers, body }) {
      const length = headers["content-length"];
      if (length !== undefined && Number(length) !== body.length) return undefined;
      return { bytes: copyOf(body, 0), compression: encodings.get(headers["content-encoding"] ?? "identity") };
    },
    metadata({ headers }) {
      return trailerDemux(appendReceived(new Headers(), headers));
    },
  };
}
