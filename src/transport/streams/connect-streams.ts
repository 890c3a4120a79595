import { Code } from "@connectrpc/connect";
import {
  createEndStreamSerialization,
  endStreamFlag,
  requestHeaderWithCompression,
  validateResponseWithCompression,
} from "@connectrpc/connect/protocol-connect";
import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import { addTo } from "./add-headers.ts";
import { EndEnvelope } from "./end-envelope.ts";
import type { StreamFormat } from "./stream-format.ts";

/** The last envelope has the trailers, or an error, as JSON. */
export function connectStreams(options: ResolvedProtocolOptions): StreamFormat {
  const { useBinaryFormat, acceptCompression, sendCompression } = options;
  const ends = createEndStreamSerialization(options.jsonOptions);
  return {
    hasGet: false,
    timeoutName: "connect-timeout-ms",
    encodingName: undefined,
    hasHttpTrailers: false,
    header: (timeoutMs, given) =>
      requestHeaderWithCompression("bidi_streaming", useBinaryFormat, timeoutMs, given, acceptCompression, sendCompression, true),
    begin(status, { header, trailer }) {
      const { compression } = validateResponseWithCompression("bidi_streaming", acceptCompression, useBinaryFormat, status, header);
      return new EndEnvelope({
        compression,
        flag: endStreamFlag,
        name: "its end-of-stream message",
        missingCode: Code.InvalidArgument,
        parse: ends.parse,
        take({ error, metadata }) {
          if (error !== undefined) addTo(error.metadata, header);
          if (error !== undefined) throw error;
          addTo(trailer, metadata);
        },
      });
    },
  };
}
