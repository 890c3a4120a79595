import type { AddressRules } from "meshless/discovery";
import type { Clock, Timer } from "../clock.ts";
import type { Service } from "../service.ts";
import type { Catalog } from "./catalog.ts";
import { EndpointFilter, type RefusedEndpoint } from "./endpoint-filter.ts";

export interface IntakeOptions {
  readonly clock: Clock;
  readonly addressRules: AddressRules;
  /** How long a service that is gone is served on, in ms: who deletes and creates it again within this time has changed it. */
  readonly removalGraceMs: number;
  readonly onRefused: (endpoints: readonly RefusedEndpoint[]) => void;
}

/** What stands between a registry and the catalog. */
export class Intake {
  readonly #catalog: Catalog;
  readonly #options: IntakeOptions;
  readonly #filter: EndpointFilter;
  /** Of services that are about to go. */
  readonly #removals = new Map<string, Timer>();
  #refused = new Map<string, readonly RefusedEndpoint[]>();

  constructor(catalog: Catalog, options: IntakeOptions) {
    this.#catalog = catalog;
    this.#options = options;
    this.#filter = new EndpointFilter(options.addressRules);
  }

  get refused(): readonly RefusedEndpoint[] {
    return [...this.#refused.values()].flat();
  }

  present(service: Service): void {
    const { text } = service.name;
    this.#keep(text);
    const { service: allowed, refused } = this.#filter.apply(service, this.#catalog.services.get(text)?.endpoints ?? []);
    this.#refused.delete(text);
    if (refused.length > 0) {
      this.#refused.set(text, refused);
      this.#options.onRefused(refused);
    }
    this.#catalog.put(allowed);
  }

  gone(name: string): void {
    if (this.#removals.has(name) || !this.#catalog.services.has(name)) return;
    const timer = this.#options.clock.after(this.#options.removalGraceMs, () => {
      this.#removals.delete(name);
      this.#refused.delete(name);
      this.#catalog.delete(name);
    });
    this.#removals.set(name, timer);
  }

  complete(): void {
    this.#catalog.complete();
  }

  close(): void {
    for (const name of this.#removals.keys()) this.#keep(name);
  }

  #keep(name: string): void {
    this.#removals.get(name)?.cancel();
    this.#removals.delete(name);
  }
}
