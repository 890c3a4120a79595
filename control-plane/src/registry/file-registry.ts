import { isDeepStrictEqual } from "node:util";
import type { Service } from "../service.ts";
import { readServices } from "./read-services.ts";
import type { Registry, RegistryObserver } from "./registry.ts";
import { type FileReader, WatchedFile, type WatchedFileOptions } from "./watched-file.ts";

/** Services from a YAML or JSON file, read again when it changes. While it is missing or wrong, the last good state stays. */
export function fileRegistry(path: string, options: WatchedFileOptions = {}): Registry {
  return {
    description: `file:${path}`,
    watch: (observer) => new WatchedFile(path, new ServicesReader(path, observer), options),
  };
}

/** Tells what differs from one good state of the file to the next. */
class ServicesReader implements FileReader {
  readonly #path: string;
  readonly #observer: RegistryObserver;
  #services: ReadonlyMap<string, Service> | undefined;
  #lastText: string | undefined;
  #isInTrouble = false;

  constructor(path: string, observer: RegistryObserver) {
    this.#path = path;
    this.#observer = observer;
  }

  read(text: string): void {
    if (text === this.#lastText) return;
    try {
      const services = readServices(this.#path, text);
      // Only what was good: what is wrong is told at each reading, and a mended file is new.
      this.#lastText = text;
      this.#tell(services);
    } catch (error) {
      this.failed(error as Error);
      return;
    }
    if (this.#isInTrouble) this.#observer.trouble(undefined);
    this.#isInTrouble = false;
  }

  failed({ message }: Error): void {
    this.#isInTrouble = true;
    this.#lastText = undefined;
    const text = message.startsWith(this.#path) ? message : `${this.#path}: ${message}`;
    this.#observer.trouble(new Error(`${text}\n${this.#services === undefined ? "nothing is served yet" : "the last good state stays"}`));
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
