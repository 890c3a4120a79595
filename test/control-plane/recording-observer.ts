import type { RegistryObserver } from "../../control-plane/src/registry/registry.ts";

/** For tests: what a registry told, as texts, such as `a.b:80=10.0.0.1` and `gone a.b:80`. */
export class RecordingObserver implements RegistryObserver {
  readonly heard: string[] = [];
  readonly #announce: () => void;

  /** @param announce is called after each */
  constructor(announce: () => void = () => {}) {
    this.#announce = announce;
  }

  present: RegistryObserver["present"] = ({ name, endpoints }) =>
    this.#add(`${name.text}=${endpoints.map(({ address }) => address).join()}`);
  gone: RegistryObserver["gone"] = (name) => this.#add(`gone ${name}`);
  complete: RegistryObserver["complete"] = () => this.#add("complete");
  trouble: RegistryObserver["trouble"] = (error) => this.#add(error === undefined ? "no trouble" : `trouble: ${error.message}`);

  #add(text: string): void {
    this.heard.push(text);
    this.#announce();
  }
}
