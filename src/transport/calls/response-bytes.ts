import type { ClientHttp2Stream } from "node:http2";

/** The bytes of a response, in one of two ways to take them from Node.js. */
export interface ResponseBytes {
  /** The server said that this is all. */
  readonly hasRegularEnd: boolean;
  /** All has come, and a part of it was not asked for yet. */
  readonly isUnread: boolean;
  /** Nobody reads any more. */
  readonly isDiscarded: boolean;
  /** The next bytes; null if none are here. */
  read(): Uint8Array | null;
  /** Throws away what is here and what will come. @returns false once that is more than allowed */
  discard(maxBytes?: number): boolean;
}

export interface BytesListener {
  /** There is something to read. */
  onReadable(): void;
  /** The server is done. */
  onEnd(): void;
}

/** Takes the bytes of a stream. */
export type TakeBytes<B extends ResponseBytes = ResponseBytes> = new (native: ClientHttp2Stream, listener: BytesListener) => B;
