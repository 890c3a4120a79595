/** How many of a stream's request messages are kept at least, so that another attempt can send them again. */
const maxKeptMessages = 64;

/**
 * The request messages of a stream, for one attempt after another. They are kept until the call is committed: a response came,
 * or too many were sent. From then on the call can't be repeated, and messages are let go as they are read.
 */
export class ReplayableInput<T> {
  readonly #source: AsyncIterator<T>;
  readonly #kept: IteratorResult<T>[] = [];
  readonly #mustKeep: () => boolean;
  #dropped = 0;
  #committed = false;
  /** Whose turn it is: the one reader that gets messages. */
  #turn = 0;
  /** One pull at a time: a dead attempt may still wait for the message that its successor needs. */
  #pulling: Promise<void> | undefined;

  /** @param mustKeep whether another attempt may have to send the messages again, however many they are */
  constructor(messages: AsyncIterable<T>, mustKeep: () => boolean) {
    this.#source = messages[Symbol.asyncIterator]();
    this.#mustKeep = mustKeep;
  }

  get repeatable(): boolean {
    return !this.#committed;
  }

  /** Nobody will ask for these messages again. */
  commit(): void {
    this.#committed = true;
  }

  /** All messages from the first on. For the reader before, they are over. */
  read(): AsyncGenerator<T, void, undefined> {
    this.halt();
    return this.#read(this.#turn);
  }

  /** The messages are over for the reader of now, which failed and may not have noticed. */
  halt(): void {
    this.#turn++;
  }

  async *#read(turn: number): AsyncGenerator<T, void, undefined> {
    for (let index = 0; ; index++) {
      while (turn === this.#turn && index - this.#dropped >= this.#kept.length) await this.#pullOnce();
      if (turn !== this.#turn) return;
      const message = this.#kept[index - this.#dropped] as IteratorResult<T>;
      if (this.#committed) this.#dropThrough(index);
      if (message.done === true) return;
      yield message.value;
    }
  }

  #pullOnce(): Promise<void> {
    this.#pulling ??= this.#pull();
    return this.#pulling;
  }

  async #pull(): Promise<void> {
    try {
      this.#kept.push(await this.#source.next());
      if (this.#kept.length > maxKeptMessages && !this.#mustKeep()) this.#committed = true;
    } finally {
      this.#pulling = undefined;
    }
  }

  #dropThrough(index: number): void {
    this.#kept.splice(0, index - this.#dropped + 1);
    this.#dropped = index + 1;
  }
}
