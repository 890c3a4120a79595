import { Code, ConnectError } from "@connectrpc/connect";
import type { CallScope } from "../unary/call-scope.ts";
import type { Message } from "../unary/method-plan.ts";

type Result = IteratorResult<Message, undefined>;

const done: Result = { done: true, value: undefined };

/**
 * A reader that was dropped in mid-stream can't be heard: connect's own client leaves `return()` out of its iterators on purpose. When the
 * garbage collector finds such a reader gone, the call is cancelled, late but surely; else the server would work for nobody.
 */
const dropped = new FinalizationRegistry<CallScope>(cancel);

/**
 * The messages of a call's response, which can be read once. The call is over with them. A reader that stops early (`break`, `return()`) cancels the call;
 * one that never begins can't be heard either.
 */
export class CallMessages implements AsyncIterableIterator<Message, undefined> {
  readonly #inner: AsyncIterator<Message>;
  readonly #scope: CallScope;
  #isOver = false;

  constructor(messages: AsyncIterable<Message>, scope: CallScope) {
    this.#inner = messages[Symbol.asyncIterator]();
    this.#scope = scope;
    dropped.register(this, scope, this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    if (this.#isOver) return Promise.resolve(done);
    if (this.#scope.aborted) return this.#onFailed(undefined);
    return this.#inner.next().then(this.#onNext, this.#onFailed);
  }

  return(): Promise<Result> {
    if (!this.#isOver) {
      this.#end();
      cancel(this.#scope);
    }
    return Promise.resolve(done);
  }

  readonly #onNext = (result: IteratorResult<Message>): Result => {
    if (result.done !== true) return result;
    this.#end();
    this.#scope.end();
    return done;
  };

  readonly #onFailed = (error: unknown): Promise<Result> => {
    this.#end();
    return Promise.reject(this.#scope.fail(error));
  };

  #end(): void {
    this.#isOver = true;
    dropped.unregister(this);
  }
}

function cancel(scope: CallScope): void {
  scope.end(new ConnectError("the reader stopped", Code.Canceled));
}
