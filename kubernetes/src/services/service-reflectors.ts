import { isDeepStrictEqual } from "node:util";
import type { Clock } from "meshless/discovery";
import type { ApiserverClient } from "../reflector/apiserver-client.ts";
import type { CollectionObserver } from "../reflector/collection.ts";
import type { KubernetesObject } from "../reflector/kubernetes-object.ts";
import { Reflector } from "../reflector/reflector.ts";
import type { ReflectorStatus } from "../reflector/reflector-status.ts";
import type { ReflectorTiming } from "../reflector/reflector-timing.ts";
import { revisionOf } from "../reflector/resource-version.ts";
import { type CollectionPlace, endpointSlicePlaces, nameLabelOf, nodePlaces, podPlaces, type Scope, servicePlaces } from "./collections.ts";
import { readEndpointSlice } from "./read-endpoint-slice.ts";
import { readNode } from "./read-node.ts";
import { readPod } from "./read-pod.ts";
import { readService } from "./read-service.ts";
import { ServiceTable } from "./service-table.ts";
import type { ServicesObserver } from "./services-observer.ts";
import type { ServicesWatch } from "./services-watch.ts";

interface Settings {
  readonly client: ApiserverClient;
  readonly scope: Scope;
  readonly ownPodsOnly: boolean;
  readonly readsPods: boolean;
  readonly readsNodes: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: Partial<ReflectorTiming>;
}

/** Keeps copies of all collections that are needed, and tells what becomes of them once it has all of them. */
export class ServiceReflectors implements ServicesWatch {
  readonly #settings: Settings;
  readonly #observer: ServicesObserver;
  readonly #table: ServiceTable;
  /** By path, as are their troubles. */
  readonly #reflectors = new Map<string, Pick<Reflector<unknown>, "status" | "version" | "close">>();
  readonly #troubles = new Map<string, Error>();
  #unsynced = 0;

  constructor(settings: Settings, observer: ServicesObserver) {
    this.#settings = settings;
    this.#observer = observer;
    const table = new ServiceTable(settings, observer);
    this.#table = table;
    const { scope, readsPods, readsNodes } = settings;
    this.#reflect(servicePlaces(scope), readService, {
      upserted: (service) => table.putService(service),
      deleted: (service) => table.deleteService(service),
    });
    this.#reflect(endpointSlicePlaces(scope), (object) => readEndpointSlice(object, nameLabelOf(scope)), {
      upserted: (slice, before) => table.putSlice(slice, before),
      deleted: (slice) => table.deleteSlice(slice),
    });
    if (readsPods) {
      this.#reflect(podPlaces(scope), readPod, {
        upserted: (pod, before) => table.putPod(pod, before),
        deleted: (pod) => table.deletePod(pod),
      });
    }
    if (!readsNodes) return;
    this.#reflect(nodePlaces, readNode, {
      // Most of what happens to a node is none of ours.
      upserted: (node, before) => isDeepStrictEqual(node, before) || observer.node?.(node),
      deleted: ({ name }) => observer.nodeGone?.(name),
    });
  }

  get statuses(): ReadonlyMap<string, ReflectorStatus> {
    return new Map([...this.#reflectors].map(([path, { status }]) => [path, status]));
  }

  get reachedRevision(): bigint | undefined {
    const revisions = endpointSlicePlaces(this.#settings.scope).flatMap(({ path }) => {
      const version = this.#reflectors.get(path)?.version;
      return (version !== undefined && revisionOf(version)) || [];
    });
    return revisions.reduce<bigint | undefined>((last, revision) => (last === undefined || revision > last ? revision : last), undefined);
  }

  close(): void {
    this.#table.close();
    for (const reflector of this.#reflectors.values()) reflector.close();
  }

  #reflect<T>(places: readonly CollectionPlace[], read: (object: KubernetesObject) => T, observer: CollectionObserver<T>): void {
    const { client, clock, random, timing } = this.#settings;
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
}
