import type { DescMethodStreaming } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { AttemptStream } from "../calls/attempt-stream.ts";
import type { Message, MethodPlan } from "../unary/method-plan.ts";
import { compressedFlag } from "../unary/received-bytes.ts";
import { EnvelopeSplitter } from "./envelope-splitter.ts";
import type { StreamEnding } from "./stream-format.ts";

export type Result = IteratorResult<Message, undefined>;

/** The end of all messages. */
export const done: Result = { done: true, value: undefined };

export interface DecoderInit {
  readonly stream: AttemptStream;
  readonly plan: MethodPlan<DescMethodStreaming>;
  readonly ending: StreamEnding;
  readonly readMaxBytes: number;
}

/** Makes messages of the bytes of a response, as far as they have come. Throws for what is wrong with them. */
export class MessageDecoder {
  readonly #init: DecoderInit;
  readonly #envelopes: EnvelopeSplitter;

  constructor(init: DecoderInit) {
    this.#init = init;
    this.#envelopes = new EnvelopeSplitter(init.readMaxBytes);
  }

  /** The next message, or `done`; undefined: it is not here. A promise, where it is compressed, of undefined: that was no message. */
  take(): Result | Promise<Result | undefined> | undefined {
    for (let payload = this.#nextPayload(); payload !== undefined; payload = this.#nextPayload()) {
      const result = this.#open(payload, this.#envelopes.flags);
      if (result !== undefined) return result;
    }
    return this.#end();
  }

  #nextPayload(): Uint8Array<ArrayBuffer> | undefined {
    for (;;) {
      const payload = this.#envelopes.next();
      if (payload !== undefined) return payload;
      const chunk = this.#init.stream.read();
      if (chunk === null) return undefined;
      this.#envelopes.push(chunk);
    }
  }

  #open(payload: Uint8Array<ArrayBuffer>, flags: number): Result | Promise<Result | undefined> | undefined {
    if ((flags & compressedFlag) === 0) return this.#read(payload, flags);
    const { ending, readMaxBytes } = this.#init;
    if (ending.compression === undefined) {
      throw new ConnectError("the server sent a compressed message, but no header says how", Code.Internal);
    }
    return ending.compression.decompress(payload, readMaxBytes).then((plain) => this.#read(plain, flags));
  }

  /** Undefined: it is no message. */
  #read(payload: Uint8Array, flags: number): Result | undefined {
    const { ending, plan } = this.#init;
    if ((flags & ending.endFlag) !== 0) {
      ending.onEnd(payload);
      return undefined;
    }
    const value = plan.output.parse(payload);
    ending.onMessage();
    return { done: false, value };
  }

  /** Undefined: more is to come. */
  #end(): Result | undefined {
    const { ended, error } = this.#init.stream;
    if (!ended && error !== undefined) throw error;
    if (!ended) return undefined;
    if (this.#envelopes.isWithin) throw new ConnectError("the response ended within a message", Code.InvalidArgument);
    this.#init.ending.onOver();
    return done;
  }
}
