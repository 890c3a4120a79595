/** Lets one loop sleep until something has happened. What happens while it is awake is not lost. */
export class Wake {
  #isDue = false;
  #resolve: (() => void) | undefined;

  signal(): void {
    this.#isDue = true;
    this.#resolve?.();
  }

  async wait(): Promise<void> {
    if (!this.#isDue) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
    }
    this.#isDue = false;
    this.#resolve = undefined;
  }
}
