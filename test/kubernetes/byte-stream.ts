/** For tests: bytes that are pushed on one end and read on the other. */
export class ByteStream implements AsyncIterable<Uint8Array> {
  readonly #waiting: Uint8Array[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  /** @param signal ends it with an error */
  constructor(signal: AbortSignal) {
    signal.addEventListener("abort", () => this.end(new Error("aborted")));
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  push(text: string): void {
    if (this.isEnded) return;
    this.#waiting.push(Buffer.from(text));
    this.#wake?.();
  }

  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) yield next;
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
