/** The share, 0 to 1, that a server had of some answers. */
export type Shares = (name: string) => number;

export interface Awaited {
  /** How many answers are looked at, the last ones. Default 200. */
  readonly answers?: number;
  /** How long it may take, in ms. Default 180,000. */
  readonly limitMs?: number;
}

/** Calls without a pause, and remembers who answered the last calls. */
export class ConstantCaller implements AsyncDisposable {
  readonly failures: string[] = [];
  /** What is going on, which failures are told with. */
  during = "the start";
  calls = 0;
  readonly #call: () => Promise<string>;
  readonly #last: string[] = [];
  readonly #loops: Promise<void>[];
  #isStopped = false;
  #answers = 0;
  #check: (() => void) | undefined;

  /** @param call makes one call, and says who answered */
  constructor(call: () => Promise<string>, concurrency = 4) {
    this.#call = call;
    this.#loops = Array.from({ length: concurrency }, () => this.#loop());
  }

  /** Resolves once the condition holds for those who answered the last calls, all of them made after this. */
  async until(condition: (share: Shares) => boolean, { answers = 200, limitMs = 180_000 }: Awaited = {}): Promise<Shares> {
    this.#last.length = 0;
    this.#answers = answers;
    const endsAtMs = performance.now() + limitMs;
    return new Promise((resolve, reject) => {
      this.#check = () => {
        const isMet = this.#last.length >= answers && condition(sharesOf(this.#last));
        if (!isMet && performance.now() <= endsAtMs) return;
        this.#check = undefined;
        if (isMet) resolve(sharesOf([...this.#last]));
        else reject(new Error(`${this.during}: in vain ${condition}, with ${this.#seen()}, ${this.failures.length} failures`));
      };
    });
  }

  /** The shares of so many calls from now on, however long they take. */
  next(answers: number): Promise<Shares> {
    return this.until(() => true, { answers, limitMs: Number.POSITIVE_INFINITY });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    while (!this.#isStopped) {
      try {
        this.#last.push(await this.#call());
      } catch (error) {
        this.failures.push(`${this.during}: ${error}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (this.#last.length > this.#answers) this.#last.shift();
      this.calls++;
      this.#check?.();
    }
  }

  #seen(): string {
    return [...new Set(this.#last)].map((name) => `${name} ${sharesOf(this.#last)(name).toFixed(2)}`).join(", ");
  }
}

function sharesOf(answers: readonly string[]): Shares {
  return (name) => answers.filter((answer) => answer === name).length / answers.length;
}
