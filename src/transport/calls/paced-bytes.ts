import type { ClientHttp2Stream } from "node:http2";
import type { BytesListener, ResponseBytes } from "./response-bytes.ts";

/** Bytes that wait in Node.js until they are read, and the server with them. */
export class PacedBytes implements ResponseBytes {
  hasRegularEnd = false;
  /** What was unread when the server was done: Node.js keeps a stream open until it is read, and that may be never. */
  #rest: Uint8Array[] | undefined;
  /** Set once nobody reads any more: how much may still be thrown away. */
  #tailBytes: number | undefined;
  readonly #native: ClientHttp2Stream;

  constructor(native: ClientHttp2Stream, listener: BytesListener) {
    this.#native = native;
    this.#noticeRegularEnd();
    native.on("readable", () => listener.onReadable());
    native.on("end", () => listener.onEnd());
  }

  get isUnread(): boolean {
    return this.#rest !== undefined && this.#rest.length > 0;
  }

  get isDiscarded(): boolean {
    return this.#tailBytes !== undefined;
  }

  read(): Uint8Array | null {
    return this.#rest?.shift() ?? this.#native.read();
  }

  discard(maxBytes = this.#tailBytes ?? 0): boolean {
    this.#rest = undefined;
    let budget = maxBytes;
    for (let chunk = this.#native.read(); chunk !== null; chunk = this.#native.read()) budget -= chunk.length;
    this.#tailBytes = budget;
    return budget >= 0;
  }

  /**
   * Node.js ends the readable side alike for END_STREAM and for a reset with NO_ERROR, which may cut a body in two. Only the moment
   * tells: END_STREAM is read while the stream is open, a reset after it was closed.
   */
  #noticeRegularEnd(): void {
    const native = this.#native;
    const push = native.push;
    native.push = (chunk, encoding) => {
      if (chunk === null && !native.closed) this.hasRegularEnd = true;
      const wantsMore = push.call(native, chunk, encoding);
      if (chunk === null) this.#onServerDone();
      return wantsMore;
    };
  }

  /**
   * The server has ended its side, or, called again, both sides are closed. A reader that keeps up needs nothing; for any other the rest,
   * which has all come, is set aside, so that the stream closes and gives its place back.
   */
  #onServerDone(): void {
    const native = this.#native;
    const isOver = native.closed || !native.writableFinished;
    if (!this.hasRegularEnd || !isOver) return;
    this.#rest ??= [];
    for (let chunk = native.read(); chunk !== null; chunk = native.read()) this.#rest.push(chunk);
  }
}
