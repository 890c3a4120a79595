import type { Logger } from "./logger.ts";

/** Whether a part lives on its last good state, which it tells the log. */
export class Trouble {
  readonly #part: string;
  readonly #details: object;
  readonly #logger: Logger;
  /** What was told last. */
  #problem: string | undefined;

  constructor(part: string, details: object, logger: Logger) {
    this.#part = part;
    this.#details = details;
    this.#logger = logger;
  }

  get isOn(): boolean {
    return this.#problem !== undefined;
  }

  /** Which part it is, and what is wrong with it; undefined while all is well. */
  get text(): string | undefined {
    return this.#problem && `${this.#part}: ${this.#problem}`;
  }

  /**
   * Tells one that lasts once: a log in the folder of a file that is followed would have that file read again for every line.
   *
   * @param error undefined when it is over
   */
  tell(error: Error | undefined): void {
    const isNews = error?.message !== this.#problem;
    this.#problem = error?.message;
    if (error === undefined) this.#logger.info(this.#details, `${this.#part} is well again`);
    else if (isNews) this.#logger.error({ ...this.#details, problem: error.message }, `${this.#part} in trouble`);
  }

  /** For what is in use and followed. */
  renewed(): void {
    this.#logger.info(this.#details, `${this.#part} renewed`);
  }
}
