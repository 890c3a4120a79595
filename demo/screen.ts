import type { WriteStream } from "node:tty";

const LINE_EVERY_MS = 2_000;

/** Shows a text that changes: redrawn in place on a terminal; elsewhere as a line now and then. */
export class Screen {
  readonly #stream: WriteStream;
  #drawnLines = 0;
  #lastLineAtMs = Number.NEGATIVE_INFINITY;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  /** Shows `picture` in the place of the last one, or `line` where nothing can be redrawn. */
  draw(picture: string, line: string): void {
    if (this.#stream.isTTY) return this.#redraw(picture);
    const nowMs = performance.now();
    if (nowMs - this.#lastLineAtMs < LINE_EVERY_MS) return;
    this.#lastLineAtMs = nowMs;
    this.#stream.write(`${line}\n`);
  }

  /** Shows a text that stays, in the place of the last picture. */
  keep(text: string): void {
    if (this.#stream.isTTY) this.#redraw(text);
    else this.#stream.write(`${text}\n`);
    this.#drawnLines = 0;
    this.#lastLineAtMs = Number.NEGATIVE_INFINITY;
  }

  #redraw(picture: string): void {
    const back = this.#drawnLines > 0 ? `\x1b[${this.#drawnLines}F\x1b[J` : "";
    this.#stream.write(`${back}${picture}\n`);
    this.#drawnLines = picture.split("\n").length;
  }
}
