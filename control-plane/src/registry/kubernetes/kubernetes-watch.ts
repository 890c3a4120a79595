import type { Measure } from "../../measure.ts";
import type { CollectionObserver } from "../../reflector/collection.ts";
import type { KubernetesObject } from "../../reflector/kubernetes-object.ts";
import { Reflector } from "../../reflector/reflector.ts";
import type { RegistryObserver, RegistryWatch } from "../registry.ts";
import { type CollectionPlace, endpointSlicePlaces, podPlaces, servicePlaces } from "./collections.ts";
import type { KubernetesRegistryOptions } from "./kubernetes-options.ts";
import { readEndpointSlice } from "./read-endpoint-slice.ts";
import { readPod } from "./read-pod.ts";
import { readService } from "./read-service.ts";
import { reflectorMeasures } from "./reflector-measures.ts";
import { ServiceTable } from "./service-table.ts";

/** Keeps copies of all collections that are needed, and tells what becomes of them once it has all of them. */
export class KubernetesWatch implements RegistryWatch {
  readonly measures: readonly Measure[];
  readonly #options: Required<KubernetesRegistryOptions>;
  readonly #observer: RegistryObserver;
  readonly #table: ServiceTable;
  /** By path, as are their troubles. */
  readonly #reflectors = new Map<string, Pick<Reflector<unknown>, "status" | "close">>();
  readonly #troubles = new Map<string, Error>();
  #unsynced = 0;

  constructor(options: Required<KubernetesRegistryOptions>, observer: RegistryObserver) {
    this.#options = options;
    this.#observer = observer;
    const table = new ServiceTable(options, observer);
    this.#table = table;
    this.measures = this.#measures();
    const { namespaces, readsPods } = options;
    this.#reflect(servicePlaces(namespaces), readService, {
      upserted: (service) => table.putService(service),
      deleted: (service) => table.deleteService(service),
    });
    this.#reflect(endpointSlicePlaces(namespaces), readEndpointSlice, {
      upserted: (slice, before) => table.putSlice(slice, before),
      deleted: (slice) => table.deleteSlice(slice),
    });
    if (!readsPods) return;
    this.#reflect(podPlaces(namespaces), readPod, {
      upserted: (pod, before) => table.putPod(pod, before),
      deleted: (pod) => table.deletePod(pod),
    });
  }

  close(): void {
    this.#table.close();
    for (const reflector of this.#reflectors.values()) reflector.close();
  }

  #reflect<T>(places: readonly CollectionPlace[], read: (object: KubernetesObject) => T, observer: CollectionObserver<T>): void {
    const { client, clock, random, timing } = this.#options;
    for (const place of places) {
      this.#unsynced += 1;
      const reflector = new Reflector<T>(
        { ...place, client, read, clock, random, timing },
        { ...observer, synced: () => this.#synced(), trouble: (error) => this.#trouble(place.path, error) },
      );
      this.#reflectors.set(place.path, reflector);
    }
  }

  #synced(): void {
    this.#unsynced -= 1;
    if (this.#unsynced === 0) this.#table.complete();
  }

  #trouble(path: string, error: Error | undefined): void {
    if (error === undefined) this.#troubles.delete(path);
    else this.#troubles.set(path, error);
    this.#observer.trouble(error ?? this.#troubles.values().next().value);
  }

  #measures(): readonly Measure[] {
    return [
      ...reflectorMeasures(() => new Map([...this.#reflectors].map(([path, { status }]) => [path, status]))),
      {
        name: "registry.kubernetes.problems",
        kind: "gauge",
        description: "What is wrong with Services, and a person has to mend: the log has it",
        read: () => [{ value: this.#table.problems, labels: {} }],
      },
    ];
  }
}
