import type { Compression } from "@connectrpc/connect/protocol";
import { requestHeaderWithCompression, validateResponseWithCompression, validateTrailer } from "@connectrpc/connect/protocol-grpc";
import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import type { StreamEnding, StreamFormat, StreamMetadata } from "./stream-format.ts";

/** The status stands in HTTP trailers, or in the headers. */
export function grpcStreams(options: ResolvedProtocolOptions): StreamFormat {
  const { useBinaryFormat, acceptCompression, sendCompression } = options;
  return {
    hasGet: false,
    timeoutName: "grpc-timeout",
    encodingName: undefined,
    hasHttpTrailers: true,
    header: (timeoutMs, given) => requestHeaderWithCompression(useBinaryFormat, timeoutMs, given, acceptCompression, sendCompression),
    begin(status, metadata) {
      const { compression, foundStatus, headerError } = validateResponseWithCompression(acceptCompression, status, metadata.header);
      if (headerError !== undefined) throw headerError;
      return new TrailersEnd(compression, foundStatus, metadata);
    },
  };
}

class TrailersEnd implements StreamEnding {
  readonly endFlag = 0;
  readonly compression: Compression | undefined;
  readonly #hasStatus: boolean;
  readonly #metadata: StreamMetadata;

  constructor(compression: Compression | undefined, hasStatus: boolean, metadata: StreamMetadata) {
    this.compression = compression;
    this.#hasStatus = hasStatus;
    this.#metadata = metadata;
  }

  onMessage(): void {}

  onEnd(): void {}

  onOver(): void {
    if (!this.#hasStatus) validateTrailer(this.#metadata.trailer, this.#metadata.header);
  }
}
