import { AddressRules } from "meshless/discovery";
import type { Gauges } from "./admin/metrics.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Measure } from "./measure.ts";
import type { Registry, RegistryWatch } from "./registry/registry.ts";
import { Catalog, type CatalogOptions, type ResourceChange } from "./snapshot/catalog.ts";
import type { RefusedEndpoint } from "./snapshot/endpoint-filter.ts";
import { Intake } from "./snapshot/intake.ts";
import { Trouble } from "./trouble.ts";

export interface FollowedRegistryOptions {
  readonly registry: Registry;
  readonly allowAddresses?: readonly string[] | undefined;
  readonly removalGraceMs?: number | undefined;
  readonly catalog: CatalogOptions;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a registry tells, on its way into a catalog. Its troubles, and what is refused, are told to the log. */
export class FollowedRegistry {
  readonly catalog: Catalog;
  readonly #registry: Registry;
  readonly #intake: Intake;
  readonly #trouble: Trouble;
  readonly #logger: Logger;
  #watch: RegistryWatch | undefined;

  constructor(
    { registry, allowAddresses, removalGraceMs = 10_000, catalog, clock, logger }: FollowedRegistryOptions,
    onChange: (changes: readonly ResourceChange[]) => void,
  ) {
    this.#registry = registry;
    this.#logger = logger;
    this.#trouble = new Trouble("registry", { registry: registry.description }, logger);
    this.catalog = new Catalog(onChange, { ...catalog, reachedRevision: () => this.#watch?.reachedRevision });
    const onRefused = (endpoints: readonly RefusedEndpoint[]) => this.#tellRefused(endpoints);
    this.#intake = new Intake(this.catalog, { clock, addressRules: new AddressRules(allowAddresses), removalGraceMs, onRefused });
  }

  get gauges(): Pick<Gauges, "services" | "endpoints" | "refusedEndpoints" | "isComplete" | "isInTrouble"> {
    const { services, isComplete } = this.catalog;
    return {
      services: services.size,
      endpoints: services.values().reduce((sum, { endpoints }) => sum + endpoints.length, 0),
      refusedEndpoints: this.#intake.refused.length,
      isComplete,
      isInTrouble: this.#trouble.isOn,
    };
  }

  get description(): string {
    return this.#registry.description;
  }

  /** What is wrong with it; undefined while all is well. */
  get trouble(): string | undefined {
    return this.#trouble.text;
  }

  /**
   * Begins to take in what it tells.
   *
   * @returns what it measures of itself
   */
  follow(onComplete: () => void): readonly Measure[] {
    const intake = this.#intake;
    this.#watch = this.#registry.watch({
      present: (service) => intake.present(service),
      gone: (name) => intake.gone(name),
      node: (name, place) => this.catalog.putNode(name, place),
      complete: () => {
        intake.complete();
        onComplete();
        this.#logger.info({ registry: this.#registry.description, services: this.catalog.services.size }, "registry complete");
      },
      trouble: (error) => this.#trouble.tell(error),
    });
    return this.#watch.measures ?? [];
  }

  close(): void {
    this.#watch?.close();
    this.#intake.close();
  }

  #tellRefused(endpoints: readonly RefusedEndpoint[]): void {
    for (const { service, endpoint } of endpoints)
      this.#logger.warn({ service, address: endpoint.address }, "endpoint refused: see allowAddresses");
  }
}
