import { type FSWatcher, watch } from "node:fs";
import { dirname, resolve } from "node:path";
import { assertChecked, atLeast, durationMs, optionsOf, someMs } from "../check-options.ts";
import { type Clock, checkClock, systemClock, type Timer } from "../clock.ts";
import { readEndpointDocument } from "./endpoint-document.ts";
import type { EndpointObserver, EndpointSource, Watch } from "./endpoint-source.ts";
import { KeepLastGood } from "./keep-last-good.ts";
import { readBounded } from "./read-bounded.ts";

export interface FileSourceOptions {
  readonly clock?: Clock;
  /** How long a change is left to settle before the file is read, in ms. Default 50. */
  readonly settleMs?: number;
  /** How often the file is read even if no change was noticed, in ms, > 0. Default 30 000. */
  readonly pollIntervalMs?: number;
  /** A larger file is an error. Default 4 MiB. */
  readonly maxBytes?: number;
}

export const checkFile = optionsOf<FileSourceOptions>({
  clock: checkClock,
  settleMs: durationMs,
  pollIntervalMs: someMs,
  maxBytes: atLeast(1),
});

/**
 * Endpoints from a JSON file ({@link readEndpointDocument} describes it), read again when it changes. The watched target is its path;
 * a relative one starts at the working directory. A file that is missing, unreadable or wrong is an error, and the last good set
 * stays; a good file with an empty list is a service known to have no endpoints.
 */
export function fileSource(options: FileSourceOptions = {}): EndpointSource {
  assertChecked(options, checkFile, "fileSource");
  const { clock = systemClock, settleMs = 50, pollIntervalMs = 30_000, maxBytes = 4 * 1024 * 1024 } = options;
  return { watch: (target, observer) => new FileWatch(resolve(target), observer, { clock, settleMs, pollIntervalMs, maxBytes }) };
}

/**
 * Listens to the file's directory and not to the file: editors and Kubernetes ConfigMaps replace a file by rename, or a symbolic link
 * on the way to it, and what listens to the file would then listen to the old one.
 */
class FileWatch implements Watch {
  readonly #path: string;
  readonly #lastGood: KeepLastGood;
  readonly #options: Required<FileSourceOptions>;
  #listener: FSWatcher | undefined;
  #poll: Timer | undefined;
  #settle: Timer | undefined;
  #reading = false;
  #stale = false;
  #closed = false;

  constructor(path: string, observer: EndpointObserver, options: Required<FileSourceOptions>) {
    this.#path = path;
    this.#lastGood = new KeepLastGood(observer);
    this.#options = options;
    this.#look();
  }

  refresh(): void {
    if (this.#closed) return;
    // The first event sets the time of the read and later ones do not put it off, so that a busy directory cannot starve it.
    this.#settle ??= this.#options.clock.after(this.#options.settleMs, () => {
      this.#settle = undefined;
      void this.#read();
    });
  }

  close(): void {
    this.#closed = true;
    this.#lastGood.close();
    this.#listener?.close();
    this.#poll?.cancel();
    this.#settle?.cancel();
  }

  #look(): void {
    this.#listen();
    void this.#read();
    this.#poll = this.#options.clock.after(this.#options.pollIntervalMs, () => this.#look());
  }

  /** Each poll listens anew, because the directory itself may have been replaced, or was not there yet. */
  #listen(): void {
    this.#listener?.close();
    this.#listener = undefined;
    try {
      const listener = watch(dirname(this.#path), { persistent: false }, () => this.refresh());
      listener.on("error", () => listener.close());
      this.#listener = listener;
    } catch {
      // No such directory, or the system is out of watches: what is wrong with the file itself shows in reading it, and polling goes on.
    }
  }

  /** One read at a time: what is heard during a read asks for another after it. */
  async #read(): Promise<void> {
    this.#stale = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#stale && !this.#closed) {
      this.#stale = false;
      await this.#readOnce();
    }
    this.#reading = false;
  }

  async #readOnce(): Promise<void> {
    try {
      this.#lastGood.good(readEndpointDocument(await readBounded(this.#path, this.#options.maxBytes)));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#lastGood.failed(new Error(`file: ${this.#path}: ${problem}; it is read again when it changes`, { cause: error }));
    }
  }
}
