import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import {
  requestHeaderWithCompression,
  trailerFlag,
  trailerParse,
  validateResponseWithCompression,
  validateTrailer,
} from "@connectrpc/connect/protocol-grpc-web";
import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import { addTo } from "./add-headers.ts";
import { EndEnvelope } from "./end-envelope.ts";
import type { StreamEnding, StreamFormat } from "./stream-format.ts";

/** The last envelope has the trailers, with the status; or the headers have it, and there is no body. */
export function grpcWebStreams(options: ResolvedProtocolOptions): StreamFormat {
  const { useBinaryFormat, acceptCompression, sendCompression } = options;
  return {
    hasGet: false,
    timeoutName: "grpc-timeout",
    encodingName: undefined,
    hasHttpTrailers: false,
    header: (timeoutMs, given) => requestHeaderWithCompression(useBinaryFormat, timeoutMs, given, acceptCompression, sendCompression, true),
    begin(status, { header, trailer }) {
      const { compression, foundStatus, headerError } = validateResponseWithCompression(acceptCompression, status, header);
      if (headerError !== undefined) throw headerError;
      if (foundStatus) return emptyBody(compression);
      return new EndEnvelope({
        compression,
        flag: trailerFlag,
        name: "its trailers",
        missingCode: Code.Internal,
        parse: trailerParse,
        take(trailers) {
          validateTrailer(trailers, header);
          addTo(trailer, trailers);
        },
      });
    },
  };
}

function emptyBody(compression: Compression | undefined): StreamEnding {
  const refuse = () => {
    throw new ConnectError("the server sent a body after a status in the headers", Code.InvalidArgument);
  };
  return { compression, endFlag: trailerFlag, onMessage: refuse, onEnd: refuse, onOver() {} };
}
