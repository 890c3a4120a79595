import type { ReplayAccount } from "./replay-memory.ts";

/** How many of a stream's request messages are kept, so that another attempt can send them again. */
const maxKeptMessages = 64;

/** What it is to keep. */
export interface Keep {
  /** How many bytes the present attempt has sent. */
  readonly sentBytes: () => number;
  /** Whether another attempt may have to send the messages again, however many they are. */
  readonly mustKeep: () => boolean;
  readonly account: ReplayAccount;
}

/**
 * The request messages of a stream, for one attempt after another. They are kept until the call is committed: a response came,
 * or too many were sent. From then on the call can't be repeated, and messages are let go as they are read.
 */
export class ReplayableInput<T> {
  readonly #source: AsyncIterator<T>;
  readonly #kept: IteratorResult<T>[] = [];
  readonly #keep: Keep;
  #dropped = 0;
  #committed = false;
  /** Whose turn it is: the one reader that gets messages. */
  #turn = 0;
  /** One pull at a time: a dead attempt may still wait for the message that its successor needs. */
  #pulling: Promise<void> | undefined;

  constructor(messages: AsyncIterable<T>, keep: Keep) {
    this.#source = messages[Symbol.asyncIterator]();
    this.#keep = keep;
  }

  get repeatable(): boolean {
    return !this.#committed;
  }

  /** Nobody will ask for these messages again. */
  commit(): void {
    this.#committed = true;
    this.#keep.account.release();
  }

  /** All messages from the first on. For the reader before, they are over. */
  read(): AsyncIterableIterator<T> {
    this.halt();
    const turn = this.#turn;
    let index = 0;
    const reader: AsyncIterableIterator<T> = {
      [Symbol.asyncIterator]: () => reader,
      next: () => this.#next(turn, index++),
    };
    return reader;
  }

  /** The messages are over for the reader of now, which failed and may not have noticed. */
  halt(): void {
    this.#turn++;
  }

  #next(turn: number, index: number): Promise<IteratorResult<T>> {
    const isKept = !this.#committed || this.#kept.length > 0 || this.#pulling !== undefined;
    if (isKept || turn !== this.#turn) return this.#pulled(turn, index);
    this.#dropped = index + 1;
    return this.#source.next();
  }

  async #pulled(turn: number, index: number): Promise<IteratorResult<T>> {
    while (turn === this.#turn && index - this.#dropped >= this.#kept.length) await this.#pullOnce();
    if (turn !== this.#turn) return { done: true, value: undefined };
    const message = this.#kept[index - this.#dropped] as IteratorResult<T>;
    if (this.#committed) this.#dropThrough(index);
    return message;
  }

  #pullOnce(): Promise<void> {
    this.#pulling ??= this.#pull();
    return this.#pulling;
  }

  async #pull(): Promise<void> {
    try {
      this.#kept.push(await this.#source.next());
      if (!this.#committed && !this.#mayKeep()) this.commit();
    } finally {
      this.#pulling = undefined;
    }
  }

  #mayKeep(): boolean {
    const { account, sentBytes, mustKeep } = this.#keep;
    return (account.keep(sentBytes()) && this.#kept.length <= maxKeptMessages) || mustKeep();
  }

  #dropThrough(index: number): void {
    this.#kept.splice(0, index - this.#dropped + 1);
    this.#dropped = index + 1;
  }
}
