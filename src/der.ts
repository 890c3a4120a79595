/** One element of DER: its identifier octet, and what it holds. */
export interface DerElement {
  readonly tag: number;
  readonly value: Uint8Array;
}

/**
 * Walks over the elements of DER (ITU-T X.690): as much of it as certificates need, and nothing that DER forbids. Every element lies
 * wholly within the bytes given, and every step moves on.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next element. @throws Error where the bytes are no DER */
  next(): DerElement {
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) throw new Error(`DER tag ${tag} of several bytes is not supported`);
    const length = this.#length();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error(`DER element of ${length} bytes, where ${this.#bytes.length - this.#at} are left`);
    const value = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return { tag, value };
  }

  /** What the next element holds. @throws Error if it has another tag */
  take(tag: number): Uint8Array {
    const element = this.next();
    if (element.tag !== tag) throw new Error(`DER tag ${element.tag}, where ${tag} belongs`);
    return element.value;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const bytes = first & 0x7f;
    if (bytes === 0 || bytes > 4) throw new Error(`DER length in ${bytes} bytes is not supported`);
    let length = 0;
    for (let i = 0; i < bytes; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (bytes - 1)) throw new Error(`DER length ${length} is written too long`);
    return length;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error("DER ends too early");
    this.#at++;
    return byte;
  }
}
