import { write } from "node:fs";
import { pino } from "pino";
import type { Logger } from "../logger.ts";

/** The log of a process, on stdout. */
export function processLog(level: string): Logger {
  return pino({ level, base: null }, new PatientOutput(1));
}

/** What is not written yet, in characters: more is left out. */
const maxWaiting = 4 * 1024 * 1024;

/** Lines that nobody waits for: a disk that is full, or a reader that hangs, is no reason to keep clients waiting, or to end. */
class PatientOutput {
  readonly #fd: number;
  #next = "";
  #rest: Buffer = Buffer.alloc(0);
  #isWriting = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(line: string): void {
    if (this.#next.length + line.length <= maxWaiting) this.#next += line;
    if (!this.#isWriting) this.#write();
  }

  #write(): void {
    if (this.#rest.length === 0) {
      this.#rest = Buffer.from(this.#next);
      this.#next = "";
    }
    this.#isWriting = this.#rest.length > 0;
    if (this.#isWriting) write(this.#fd, this.#rest, (error, written) => this.#written(error, written));
  }

  #written(error: Error | null, written: number): void {
    this.#isWriting = false;
    // With the next line it is tried again.
    if (error !== null) return;
    this.#rest = this.#rest.subarray(written);
    this.#write();
  }
}
