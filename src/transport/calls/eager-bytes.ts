import type { ClientHttp2Stream } from "node:http2";
import type { BytesListener, ResponseBytes } from "./response-bytes.ts";

/** A stream that is not read receives no more than its window, 64 KiB: by then it must be. */
const maxUnreadBytes = 16_384;

const none: Uint8Array[] = [];

/**
 * Bytes that are taken from Node.js as they come, and kept: for a response that is wanted as a whole. They pass neither the buffer of the stream
 * nor its events, which cost more than all else that is done with a short response.
 */
export class EagerBytes implements ResponseBytes {
  hasRegularEnd = false;
  /** What has come is here, and not the server's any more. */
  readonly isUnread = false;
  /** How many have come. */
  received = 0;
  #chunks = none;
  /** Set once nobody reads any more: how much may still be thrown away. */
  #tailBytes: number | undefined;
  #isOver = false;
  #flows = false;
  readonly #native: ClientHttp2Stream;

  constructor(native: ClientHttp2Stream, listener: BytesListener) {
    this.#native = native;
    const push = native.push;
    native.push = (chunk) => {
      if (chunk !== null) {
        this.#take(chunk);
        listener.onReadable();
        return true;
      }
      this.#onServerDone(listener);
      return push.call(native, null);
    };
  }

  get isDiscarded(): boolean {
    return this.#tailBytes !== undefined;
  }

  /** The first bytes that were not read yet. */
  get first(): Uint8Array | undefined {
    return this.#chunks[0];
  }

  read(): Uint8Array | null {
    return this.#chunks.shift() ?? null;
  }

  /** All bytes that were not read yet, in one piece. They can still be read as they came. */
  get rest(): Uint8Array {
    return this.#chunks.length === 1 ? (this.#chunks[0] as Uint8Array) : Buffer.concat(this.#chunks);
  }

  discard(maxBytes = this.#tailBytes ?? 0): boolean {
    const here = this.#chunks.reduce((bytes, { length }) => bytes + length, 0);
    this.#chunks = none;
    this.#tailBytes = maxBytes - here;
    this.#flow();
    return this.#tailBytes >= 0;
  }

  #take(chunk: Uint8Array): void {
    this.received += chunk.length;
    if (this.#chunks === none) this.#chunks = [chunk];
    else this.#chunks.push(chunk);
    if (this.received > maxUnreadBytes) this.#flow();
  }

  #flow(): void {
    if (this.#flows) return;
    this.#flows = true;
    this.#native.resume();
  }

  /** What ended it tells the moment, as with paced bytes. The events of headers and trailers are on their way, and come before. */
  #onServerDone(listener: BytesListener): void {
    if (!this.#native.closed) this.hasRegularEnd = true;
    if (this.#isOver) return;
    this.#isOver = true;
    process.nextTick(tellEnd, listener);
  }
}

function tellEnd(listener: BytesListener): void {
  listener.onEnd();
}
