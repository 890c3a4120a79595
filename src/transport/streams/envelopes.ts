import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import type { Message, MethodPlan } from "../unary/method-plan.ts";
import { withPrefix } from "../unary/received-bytes.ts";

type Result = IteratorResult<Uint8Array, undefined>;

/** The messages of a request as they are sent: each in an envelope, compressed where that is wanted. */
export class Envelopes implements AsyncIterator<Uint8Array, undefined> {
  readonly #messages: AsyncIterator<Message>;
  readonly #input: MethodPlan["input"];
  readonly #options: ResolvedProtocolOptions;

  constructor(messages: AsyncIterable<Message>, input: MethodPlan["input"], options: ResolvedProtocolOptions) {
    this.#messages = messages[Symbol.asyncIterator]();
    this.#input = input;
    this.#options = options;
  }

  next(): Promise<Result> {
    return this.#messages.next().then(this.#seal);
  }

  readonly #seal = (message: IteratorResult<Message>): Result | Promise<Result> => {
    if (message.done === true) return { done: true, value: undefined };
    const { sendCompression, compressMinBytes } = this.#options;
    const bytes = this.#input.serialize(message.value) as Uint8Array<ArrayBuffer>;
    if (sendCompression === null || bytes.length < compressMinBytes) return { done: false, value: withPrefix(bytes, false) };
    return sendCompression.compress(bytes).then((compressed) => ({ done: false, value: withPrefix(compressed, true) }));
  };
}
