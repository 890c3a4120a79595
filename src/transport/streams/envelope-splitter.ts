import { Code, ConnectError } from "@connectrpc/connect";
import { copyOf, lengthAt, prefixBytes } from "../unary/received-bytes.ts";

const none = new Uint8Array();

/** Splits bytes as they come into envelopes, each of which is asked for in two steps: what is in its prefix, and its payload. */
export class EnvelopeSplitter {
  /** The flags in the prefix of the envelope that {@link next} has begun. */
  flags = 0;
  readonly #maxBytes: number;
  /** The first chunk, and how far it was taken. */
  #chunk: Uint8Array = none;
  #at = 0;
  #later: Uint8Array[] = [];
  /** What is here and was not taken. */
  #bytes = 0;
  /** Of the payload of the envelope that has begun; undefined: its prefix is to come. */
  #length: number | undefined;

  /** @param maxBytes of one payload */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the response broke off within an envelope, if there is no more of it. */
  get isWithin(): boolean {
    return this.#bytes > 0 || this.#length !== undefined;
  }

  push(chunk: Uint8Array): void {
    if (this.#bytes > 0) this.#later.push(chunk);
    else {
      this.#chunk = chunk;
      this.#at = 0;
    }
    this.#bytes += chunk.length;
  }

  /** The payload of the next envelope, which nobody else holds; undefined: it is not here as a whole. Throws if it is too long. */
  next(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#length === undefined && !this.#begin()) return undefined;
    const length = this.#length as number;
    if (this.#bytes < length) return undefined;
    this.#length = undefined;
    return this.#take(length);
  }

  #begin(): boolean {
    if (this.#bytes < prefixBytes) return false;
    const isWhole = this.#chunk.length - this.#at >= prefixBytes;
    const prefix = isWhole ? this.#chunk : this.#take(prefixBytes);
    const at = isWhole ? this.#at : 0;
    this.flags = prefix[at] as number;
    const length = lengthAt(prefix, at);
    if (isWhole) this.#skip(prefixBytes);
    if (length > this.#maxBytes) throw tooLong(length, this.#maxBytes);
    this.#length = length;
    return true;
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const from = this.#at;
    if (this.#chunk.length - from >= length) {
      const taken = copyOf(this.#chunk, from, from + length);
      this.#skip(length);
      return taken;
    }
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const part = this.#chunk.subarray(this.#at, this.#at + length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#skip(part.length);
    }
    return taken;
  }

  /** So many of the first chunk. */
  #skip(bytes: number): void {
    this.#at += bytes;
    this.#bytes -= bytes;
    if (this.#at < this.#chunk.length) return;
    this.#chunk = this.#later.shift() ?? none;
    this.#at = 0;
  }
}

function tooLong(length: number, maxBytes: number): ConnectError {
  return new ConnectError(`a message of ${length} bytes is larger than readMaxBytes, ${maxBytes}`, Code.ResourceExhausted);
}
