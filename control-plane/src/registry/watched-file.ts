import { type FSWatcher, watch } from "node:fs";
import { open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Clock, systemClock, type Timer } from "../clock.ts";

export interface WatchedFileOptions {
  readonly clock?: Clock;
  /** How long a change is left to settle before the file is read, in ms. Default 20. */
  readonly settleMs?: number;
  /** How often the file is read though nothing was heard, in ms. Default 10,000. */
  readonly pollIntervalMs?: number;
  /** A larger file is an error. Default 64 MiB. */
  readonly maxBytes?: number;
}

export interface FileReader {
  /** The text of the file, whenever it may have changed. */
  read(text: string): void;
  failed(error: Error): void;
}

/** Reads a file at once and whenever it changes: one read at a time, and what is heard during a read asks for another one after it. */
export class WatchedFile {
  readonly #path: string;
  readonly #reader: FileReader;
  readonly #options: Required<WatchedFileOptions>;
  #listener: FSWatcher | undefined;
  #poll: Timer | undefined;
  #settle: Timer | undefined;
  #isReading = false;
  #isStale = false;
  #isClosed = false;

  constructor(path: string, reader: FileReader, options: WatchedFileOptions = {}) {
    this.#path = resolve(path);
    this.#reader = reader;
    this.#options = { clock: systemClock, settleMs: 20, pollIntervalMs: 10_000, maxBytes: 64 * 1024 * 1024, ...options };
    this.#look();
  }

  close(): void {
    this.#isClosed = true;
    this.#listener?.close();
    this.#poll?.cancel();
    this.#settle?.cancel();
  }

  #look(): void {
    this.#listen();
    void this.#read();
    this.#poll = this.#options.clock.after(this.#options.pollIntervalMs, () => this.#look());
  }

  /** To the directory: editors and ConfigMaps replace a file, or a link on the way to it, and what listens to the file would listen to the old one. */
  #listen(): void {
    this.#listener?.close();
    this.#listener = undefined;
    try {
      this.#listener = watch(dirname(this.#path), { persistent: false }, () => this.#changed());
      this.#listener.on("error", () => this.#listener?.close());
    } catch {
      // No such directory yet, or no watches left: reading says what is wrong with the file, and polling goes on.
    }
  }

  /** The first sign sets the time, and later ones do not put it off, so that a busy directory can't starve the file. */
  #changed(): void {
    this.#settle ??= this.#options.clock.after(this.#options.settleMs, () => {
      this.#settle = undefined;
      void this.#read();
    });
  }

  async #read(): Promise<void> {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isStale && !this.#isClosed) {
      this.#isStale = false;
      const text = await readBounded(this.#path, this.#options.maxBytes).catch((error: unknown) => error);
      if (this.#isClosed) break;
      if (typeof text === "string") this.#reader.read(text);
      else this.#reader.failed(text instanceof Error ? text : new Error(String(text)));
    }
    this.#isReading = false;
  }
}

/** @throws the system's error, or an Error if it is no regular file, too large, or not UTF-8 */
async function readBounded(path: string, maxBytes: number): Promise<string> {
  // Asked before it is opened: opening a pipe would block until somebody writes to it.
  if (!(await stat(path)).isFile()) throw new Error("not a regular file");
  const bytes = await readUpTo(maxBytes, path);
  if (bytes.length > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** So many bytes and one more, if there are. */
async function readUpTo(maxBytes: number, path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of file.createReadStream({ end: maxBytes, autoClose: false })) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}
