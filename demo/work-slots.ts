/** Runs a bounded number of tasks at a time; the rest wait in line, first come, first served. */
export class WorkSlots {
  readonly #line: (() => void)[] = [];
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  async run(task: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
    try {
      await task();
    } finally {
      const next = this.#line.shift();
      // The slot is handed on rather than freed, so that a newcomer cannot overtake the line.
      if (next) next();
      else this.#free++;
    }
  }
}
