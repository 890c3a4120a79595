import type { Logger } from "./logger.ts";

/** Whether a part lives on its last good state, which it tells the log. */
export class Trouble {
  readonly #part: string;
  readonly #details: object;
  readonly #logger: Logger;
  #isOn = false;

  constructor(part: string, details: object, logger: Logger) {
    this.#part = part;
    this.#details = details;
    this.#logger = logger;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** @param error undefined when it is over */
  tell(error: Error | undefined): void {
    this.#isOn = error !== undefined;
    if (error === undefined) this.#logger.info(this.#details, `${this.#part} is well again`);
    else this.#logger.error({ ...this.#details, problem: error.message }, `${this.#part} in trouble`);
  }

  /** For what is in use and followed. */
  renewed(): void {
    this.#logger.info(this.#details, `${this.#part} renewed`);
  }
}
