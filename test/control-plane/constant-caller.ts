const windowSize = 400;

/** Calls without a pause, and remembers who answered the last calls. */
export class ConstantCaller implements AsyncDisposable {
  readonly failures: string[] = [];
  calls = 0;
  readonly #call: () => Promise<string>;
  readonly #last: string[] = [];
  readonly #loops: Promise<void>[];
  #isStopped = false;
  #check: (() => void) | undefined;

  /** @param call makes one call, and says who answered */
  constructor(call: () => Promise<string>, concurrency = 4) {
    this.#call = call;
    this.#loops = Array.from({ length: concurrency }, () => this.#loop());
  }

  /** Resolves once the condition holds for who answered the last calls, by their share of them, and those were as many as that takes. */
  async until(condition: (share: (name: string) => number) => boolean, limitMs = 60_000): Promise<void> {
    this.#last.length = 0;
    const endsAtMs = performance.now() + limitMs;
    await new Promise<void>((resolve, reject) => {
      this.#check = () => {
        if (this.#last.length >= windowSize && condition((name) => this.#shareOf(name))) resolve();
        else if (performance.now() > endsAtMs)
          reject(new Error(`in vain: ${condition}, with ${this.#seen()}, ${this.failures.length} failures`));
      };
    });
    this.#check = undefined;
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
        this.failures.push(String(error));
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (this.#last.length > windowSize) this.#last.shift();
      this.calls++;
      this.#check?.();
    }
  }

  #shareOf(name: string): number {
    return this.#last.filter((last) => last === name).length / this.#last.length;
  }

  #seen(): string {
    return [...new Set(this.#last)].map((name) => `${name} ${this.#shareOf(name).toFixed(2)}`).join(", ");
  }
}
