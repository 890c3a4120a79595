import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import type { StreamEnding } from "./stream-format.ts";

interface EndEnvelopeInit<E> {
  readonly compression: Compression | undefined;
  readonly flag: number;
  /** What it is called in errors. */
  readonly name: string;
  /** The code of a response without one. */
  readonly missingCode: Code;
  readonly parse: (bytes: Uint8Array) => E;
  /** Throws the error that is in it. */
  readonly take: (end: E) => void;
}

/** The end of a response whose last envelope says how the call went. */
export class EndEnvelope<E> implements StreamEnding {
  readonly compression: Compression | undefined;
  readonly endFlag: number;
  #isHere = false;
  readonly #name: string;
  readonly #missingCode: Code;
  readonly #parse: (bytes: Uint8Array) => E;
  readonly #take: (end: E) => void;

  constructor({ compression, flag, name, missingCode, parse, take }: EndEnvelopeInit<E>) {
    this.compression = compression;
    this.endFlag = flag;
    this.#name = name;
    this.#missingCode = missingCode;
    this.#parse = parse;
    this.#take = take;
  }

  onMessage(): void {
    if (this.#isHere) throw new ConnectError(`the server sent another message after ${this.#name}`, Code.InvalidArgument);
  }

  onEnd(bytes: Uint8Array): void {
    const end = this.#parse(bytes);
    if (this.#isHere) throw new ConnectError(`the server sent ${this.#name} twice`, Code.InvalidArgument);
    this.#isHere = true;
    this.#take(end);
  }

  onOver(): void {
    if (!this.#isHere) throw new ConnectError(`the response ended without ${this.#name}`, this.#missingCode);
  }
}
