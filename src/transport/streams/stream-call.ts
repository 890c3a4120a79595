import type { DescMethodStreaming } from "@bufbuild/protobuf";
import type { Attempt } from "../calls/attempt.ts";
import type { Message } from "../unary/method-plan.ts";
import { PlannedCall, type PlannedCallInit } from "../unary/planned-call.ts";
import { replayMemory } from "./replay-memory.ts";
import { ReplayableInput } from "./replayable-input.ts";

/** A call whose request or response is a stream, inside of the interceptors that see it as one. */
export class StreamCall extends PlannedCall<DescMethodStreaming> {
  readonly isStream = true;
  readonly #input: ReplayableInput<Message>;
  #latest: Attempt | undefined;

  constructor(init: PlannedCallInit<DescMethodStreaming>, messages: AsyncIterable<Message>) {
    super(init);
    this.#input = new ReplayableInput(messages, {
      sentBytes: () => this.#latest?.sentBytes ?? 0,
      mustKeep: () => this.#latest?.isBounceable === true,
      account: replayMemory.account(),
    });
  }

  /** The messages of the request, from the first on, for this attempt and no other. */
  begin(attempt: Attempt): AsyncIterable<Message> {
    this.#latest = attempt;
    return this.#input.read();
  }

  /** The attempt failed, and may not have noticed: it takes no more messages. */
  halt(): void {
    this.#input.halt();
  }

  /** There won't be another attempt, and no message is kept for one. */
  commit(): void {
    this.#input.commit();
  }

  repeatable(): boolean {
    return this.#input.repeatable;
  }
}
