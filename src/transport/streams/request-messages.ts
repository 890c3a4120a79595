import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import type { SignalOwner } from "../../following-signal.ts";
import { succeeded } from "../unary/call-scope.ts";
import type { Message } from "../unary/method-plan.ts";

type Given = MessageInitShape<DescMessage>;

type Result = IteratorResult<Message, undefined>;

/** The messages of a request, as whole messages of their type. They are the caller's own code, which hears when the call is over. */
export class RequestMessages implements AsyncIterableIterator<Message, undefined>, SignalOwner {
  readonly #type: DescMessage;
  readonly #given: AsyncIterable<Given>;
  #iterator: AsyncIterator<Given> | undefined;

  constructor(type: DescMessage, given: AsyncIterable<Given>) {
    this.#type = type;
    this.#given = given;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    return this.#source.next().then(this.#complete);
  }

  async return(): Promise<Result> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  /** The call is over: nobody takes more of them. Who waits within them is told why. */
  onAborted(reason: unknown): void {
    if (!succeeded(reason)) contained(() => this.#source.throw?.(reason));
    contained(() => this.#source.return?.());
  }

  get #source(): AsyncIterator<Given> {
    this.#iterator ??= this.#given[Symbol.asyncIterator]();
    return this.#iterator;
  }

  readonly #complete = (result: IteratorResult<Given>): Result =>
    result.done === true ? { done: true, value: undefined } : { done: false, value: create(this.#type, result.value) };
}

async function contained(end: () => unknown): Promise<void> {
  try {
    await end();
  } catch {
    // The call has its result: nobody is left who could be told.
  }
}
