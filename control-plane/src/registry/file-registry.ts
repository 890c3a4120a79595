import { isDeepStrictEqual } from "node:util";
import { type FilesObserver, type WatchFilesOptions, watchFiles } from "meshless/discovery";
import type { Service } from "../service.ts";
import { readServices } from "./read-services.ts";
import type { Registry, RegistryObserver } from "./registry.ts";

const defaults = { settleMs: 20, pollIntervalMs: 10_000, maxBytes: 64 * 1024 * 1024 };

/**
 * Services from a YAML or JSON file, read again when it changes. While it is missing or wrong, the last good state stays.
 *
 * @param options by default changes settle for 20 ms, the file is read every 10 s whatever is heard of it, and it may have 64 MiB
 */
export function fileRegistry(path: string, options: WatchFilesOptions = {}): Registry {
  return {
    description: `file:${path}`,
    watch: (observer) => watchFiles({ services: path }, new ServicesReader(path, observer), { ...defaults, ...options }),
  };
}

/** Tells what differs from one good state of the file to the next. */
class ServicesReader implements FilesObserver<"services"> {
  readonly #path: string;
  readonly #observer: RegistryObserver;
  #services: ReadonlyMap<string, Service> | undefined;
  #lastText: string | undefined;
  #isInTrouble = false;

  constructor(path: string, observer: RegistryObserver) {
    this.#path = path;
    this.#observer = observer;
  }

  onRead({ services: text }: { readonly services: string }): void {
    if (text === this.#lastText) return;
    try {
      const services = readServices(this.#path, text);
      // Only what was good: what is wrong is told at each reading, and a mended file is new.
      this.#lastText = text;
      this.#tell(services);
    } catch (error) {
      this.onError(error as Error);
      return;
    }
    if (this.#isInTrouble) this.#observer.trouble(undefined);
    this.#isInTrouble = false;
  }

  onError({ message }: Error): void {
    this.#isInTrouble = true;
    this.#lastText = undefined;
    const stand = this.#services === undefined ? "nothing is served yet" : "the last good state stays";
    this.#observer.trouble(new Error(`${message}\n${stand}`));
  }

  #tell(services: ReadonlyMap<string, Service>): void {
    const before = this.#services;
    this.#services = services;
    for (const [name, service] of services) {
      if (!isDeepStrictEqual(service, before?.get(name))) this.#observer.present(service);
    }
    for (const name of before?.keys() ?? []) if (!services.has(name)) this.#observer.gone(name);
    if (before === undefined) this.#observer.complete();
  }
}
