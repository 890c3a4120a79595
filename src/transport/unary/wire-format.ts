import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import type { Compression } from "@connectrpc/connect/protocol";

export type GivenHeaders = ConstructorParameters<typeof Headers>[0];

export type ReceivedHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** A response that came to its end. */
export interface WholeResponse {
  readonly headers: ReceivedHeaders;
  readonly trailers: IncomingHttpHeaders | undefined;
  readonly body: Uint8Array;
}

/** The one message of a response, as it came. */
export interface ReceivedMessage {
  readonly bytes: Uint8Array;
  readonly compression: Compression | undefined;
}

/**
 * How a protocol has unary calls on the wire. Only the usual is known here: an answer with one message, in the format that was asked for. What it
 * does not know to be usual, Connect's own code reads.
 */
export interface WireFormat {
  readonly hasGet: boolean;
  /** The request header that has the deadline. */
  readonly timeoutName: "connect-timeout-ms" | "grpc-timeout";
  /** The request header that tells of a compressed body; undefined where the body does. */
  readonly encodingName: string | undefined;
  /** The headers of a request as Connect's own code makes them. */
  header(timeoutMs: number | undefined, given: GivenHeaders | undefined): Headers;
  /** Whether a message of so many bytes is sent compressed, if any is. */
  compresses(bytes: number, minBytes: number): boolean;
  body(message: Uint8Array, isCompressed: boolean): Uint8Array;
  isUsual(headers: ReceivedHeaders): boolean;
  /** How many bytes a usual response has at most whose body begins so. */
  maxBytes(first: Uint8Array): number;
  /** Undefined: the response is not usual. */
  read(response: WholeResponse): ReceivedMessage | undefined;
  /** Headers and trailers of a usual response, as interceptors and callers see them. */
  metadata(response: WholeResponse): readonly [Headers, Headers];
}
