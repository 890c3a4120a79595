import { type FSWatcher, watch } from "node:fs";
import { dirname, resolve } from "node:path";
import { assertChecked, atLeast, durationMs, optionsOf, someMs } from "../check-options.ts";
import { type Clock, checkClock, systemClock, type Timer } from "../clock.ts";
import { toError } from "../to-error.ts";
import type { Watch } from "./endpoint-source.ts";
import { readBounded } from "./read-bounded.ts";

/** How files are followed. */
export interface WatchFilesOptions {
  readonly clock?: Clock;
  /** How long a change is left to settle before the file is read, in ms. Default 50. */
  readonly settleMs?: number;
  /** How often the file is read even if no change was noticed, in ms, > 0. Default 30 000. */
  readonly pollIntervalMs?: number;
  /** A larger file is an error. Default 4 MiB. */
  readonly maxBytes?: number;
}

export const checkFile = optionsOf<WatchFilesOptions>({
  clock: checkClock,
  settleMs: durationMs,
  pollIntervalMs: someMs,
  maxBytes: atLeast(1),
});

/** Hears of files that are watched. */
export interface FilesObserver<Name extends string> {
  /** What all of them hold: at first, and whenever that may have changed. What it throws goes to {@link onError}, such as that a key is not its certificate's yet. */
  onRead(texts: Readonly<Record<Name, string>>): void;
  /** One of them can't be read: the message begins with its path. Or its contents can't be used. They are read again when they change. */
  onError(error: Error): void;
}

/**
 * Reads text files at once, and again when one of them changes: all of them each time, since a key belongs to its certificate.
 *
 * @param paths by names of your own; relative ones start at the working directory
 */
export function watchFiles<Name extends string>(
  paths: Readonly<Record<Name, string>>,
  observer: FilesObserver<Name>,
  options: WatchFilesOptions = {},
): Watch {
  assertChecked(options, checkFile, "watchFiles");
  const { clock = systemClock, settleMs = 50, pollIntervalMs = 30_000, maxBytes = 4 * 1024 * 1024 } = options;
  return new FilesWatch(paths, observer, { clock, settleMs, pollIntervalMs, maxBytes });
}

/**
 * Listens to the directories and not to the files: editors and Kubernetes ConfigMaps replace a file by rename, or a symbolic link
 * on the way to it, and what listens to the file would then listen to the old one.
 */
class FilesWatch<Name extends string> implements Watch {
  readonly #paths: readonly (readonly [name: Name, path: string])[];
  readonly #observer: FilesObserver<Name>;
  readonly #options: Required<WatchFilesOptions>;
  #listeners: readonly FSWatcher[] = [];
  #poll: Timer | undefined;
  #settle: Timer | undefined;
  #reading = false;
  #stale = false;
  #closed = false;

  constructor(paths: Readonly<Record<Name, string>>, observer: FilesObserver<Name>, options: Required<WatchFilesOptions>) {
    this.#paths = (Object.entries(paths) as [Name, string][]).map(([name, path]) => [name, resolve(path)]);
    this.#observer = observer;
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
    for (const listener of this.#listeners) listener.close();
    this.#poll?.cancel();
    this.#settle?.cancel();
  }

  #look(): void {
    // Each poll listens anew, because a directory itself may have been replaced, or was not there yet.
    for (const listener of this.#listeners) listener.close();
    this.#listeners = [...new Set(this.#paths.map(([, path]) => dirname(path)))].flatMap((directory) => this.#listen(directory));
    void this.#read();
    this.#poll = this.#options.clock.after(this.#options.pollIntervalMs, () => this.#look());
  }

  #listen(directory: string): readonly FSWatcher[] {
    try {
      const listener = watch(directory, { persistent: false }, () => this.refresh());
      listener.on("error", () => listener.close());
      return [listener];
    } catch {
      // No such directory, or the system is out of watches: what is wrong with the file itself shows in reading it, and polling goes on.
      return [];
    }
  }

  /** One read at a time: what is heard during a read asks for another after it. */
  async #read(): Promise<void> {
    this.#stale = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#stale && !this.#closed) {
      this.#stale = false;
      const texts = await this.#readOnce();
      if (this.#closed) return;
      this.#tell(texts);
    }
    this.#reading = false;
  }

  #tell(texts: Record<Name, string> | Error): void {
    if (texts instanceof Error) return this.#observer.onError(texts);
    try {
      this.#observer.onRead(texts);
    } catch (error) {
      this.#observer.onError(toError(error));
    }
  }

  async #readOnce(): Promise<Record<Name, string> | Error> {
    const texts = {} as Record<Name, string>;
    for (const [name, path] of this.#paths) {
      try {
        texts[name] = await readBounded(path, this.#options.maxBytes);
      } catch (error) {
        return new Error(`${path}: ${toError(error).message}`, { cause: error });
      }
    }
    return texts;
  }
}
