import { isDeepStrictEqual } from "node:util";
import { type Watch, type WatchFilesOptions, watchFiles } from "meshless/discovery";
import { readText } from "./read-text.ts";

/** Hears what becomes of files that are in use. */
export interface FollowedFilesObserver {
  /** Other contents are in use from now on. */
  renewed(): void;
  /** What is there now can't be used, and why; what was there before stays in use. Undefined when that is over. */
  trouble(error: Error | undefined): void;
}

/** Files that have to be good at the start, and are taken again whenever they change. What can't be used leaves the last good contents in use. */
export class FollowedFiles<Name extends string> {
  readonly #paths: Readonly<Record<Name, string>>;
  readonly #take: (texts: Readonly<Record<Name, string>>) => void;
  #inUse: Readonly<Record<Name, string>>;
  #trouble: string | undefined;
  #watch: Watch | undefined;

  /**
   * @param take takes contents into use, or throws
   * @throws Error that says which file can't be read; and what `take` throws
   */
  constructor(paths: Readonly<Record<Name, string>>, take: (texts: Readonly<Record<Name, string>>) => void) {
    this.#paths = paths;
    this.#take = take;
    const entries = Object.entries<string>(paths).map(([name, path]) => [name, readText(path)]);
    this.#inUse = Object.fromEntries(entries) as Record<Name, string>;
    take(this.#inUse);
  }

  follow(observer: FollowedFilesObserver, options: WatchFilesOptions): void {
    const onRead = (texts: Readonly<Record<Name, string>>) => {
      try {
        const isNew = !isDeepStrictEqual(texts, this.#inUse);
        if (isNew) this.#take(texts);
        this.#inUse = texts;
        this.#tell(undefined, observer);
        if (isNew) observer.renewed();
      } catch (error) {
        this.#tell(error as Error, observer);
      }
    };
    this.#watch = watchFiles(this.#paths, { onRead, onError: (error) => this.#tell(error, observer) }, options);
  }

  close(): void {
    this.#watch?.close();
  }

  #tell(error: Error | undefined, observer: FollowedFilesObserver): void {
    if (error?.message === this.#trouble) return;
    this.#trouble = error?.message;
    observer.trouble(error && new Error(`${error.message}\nthe last good contents stay in use`, { cause: error }));
  }
}
