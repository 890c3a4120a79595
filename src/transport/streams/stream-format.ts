import type { Compression } from "@connectrpc/connect/protocol";
import type { WireFormat } from "../unary/wire-format.ts";

/** How a response is to be read from its headers on. */
export interface StreamEnding {
  /** What envelopes that say so are compressed with. */
  readonly compression: Compression | undefined;
  /** The flag of the envelope that is no message but the end of them; 0: there is none. */
  readonly endFlag: number;
  /** A message came. Throws where there may be none. */
  onMessage(): void;
  /** The envelope with the end came. Throws the error that is in it. */
  onEnd(bytes: Uint8Array): void;
  /** The response is over. Throws where more was to come, and the error that is in its trailers. */
  onOver(): void;
}

/** Metadata of a response. The trailers come last: they are empty until then. */
export interface StreamMetadata {
  readonly header: Headers;
  readonly trailer: Headers;
}

/** How a protocol has streams on the wire: envelopes, whose format is the same for all. What headers and trailers mean, Connect's own code says. */
export interface StreamFormat extends Pick<WireFormat, "header" | "timeoutName"> {
  readonly hasGet: false;
  readonly encodingName: undefined;
  /** Trailers are those of HTTP, rather than in the last envelope. */
  readonly hasHttpTrailers: boolean;
  /** Judges status and headers. Throws a `ConnectError` unless messages may follow. */
  begin(status: number, metadata: StreamMetadata): StreamEnding;
}
