import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import type { Service } from "../../service.ts";
import type { RegistryObserver } from "../registry.ts";
import { readSettings } from "./endpoint-settings.ts";
import { KeyedThrottle } from "./keyed-throttle.ts";
import type { EndpointSlice } from "./read-endpoint-slice.ts";
import type { Pod } from "./read-pod.ts";
import type { KubernetesService } from "./read-service.ts";
import { ServiceState } from "./service-state.ts";
import { type Translation, toServices } from "./to-services.ts";

export interface ServiceTableOptions {
  readonly ownPodsOnly: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a change of a service waits for others, unless it is the first one after so long. */
const settleMs = 100;
/** How long an endpoint is kept that vanishes from a slice and may turn up in another one. */
const moveMs = 100;

const noSettings = readSettings({}, {});
const nothing: Translation = { services: [], problems: [] };

/** Joins Services, their slices and pods, and tells what becomes of them: nothing before it is complete, and then what differs. */
export class ServiceTable {
  readonly #options: ServiceTableOptions;
  readonly #observer: RegistryObserver;
  readonly #throttle: KeyedThrottle;
  /** By namespace and name. */
  readonly #states = new Map<string, ServiceState>();
  readonly #pods = new Map<string, Pod>();
  #isComplete = false;
  #isClosed = false;

  constructor(options: ServiceTableOptions, observer: RegistryObserver) {
    this.#options = options;
    this.#observer = observer;
    this.#throttle = new KeyedThrottle(options.clock, settleMs, (key) => this.#settle(key));
  }

  /** How much is wrong. */
  get problems(): number {
    return this.#states.values().reduce((sum, { problems }) => sum + problems.length, 0);
  }

  complete(): void {
    this.#isComplete = true;
    for (const key of [...this.#states.keys()]) this.#settle(key);
    this.#observer.complete();
  }

  close(): void {
    this.#isClosed = true;
    this.#throttle.close();
  }

  putService(service: KubernetesService): void {
    const key = keyOf(service.namespace, service.name);
    this.#stateOf(key).service = service;
    this.#changed(key);
  }

  deleteService({ uid, namespace, name }: KubernetesService): void {
    const key = keyOf(namespace, name);
    const state = this.#stateOf(key);
    // Another one may have its name by now.
    if (state.service?.uid === uid) state.service = undefined;
    this.#changed(key);
  }

  putSlice(slice: EndpointSlice, before: EndpointSlice | undefined): void {
    if (before !== undefined && before.service !== slice.service) this.deleteSlice(before);
    const key = keyOf(slice.namespace, slice.service);
    this.#changed(key, this.#stateOf(key).put(slice, this.#options.clock.now() + moveMs));
  }

  deleteSlice(slice: EndpointSlice): void {
    const key = keyOf(slice.namespace, slice.service);
    this.#changed(key, this.#stateOf(key).delete(slice, this.#options.clock.now() + moveMs));
  }

  putPod(pod: Pod, before: Pod | undefined): void {
    this.#pods.set(pod.uid, pod);
    // Most of what happens to a pod is none of ours.
    if (isDeepStrictEqual(pod.settings, before?.settings ?? noSettings)) return;
    for (const [key, state] of this.#states) if (state.hasPod(pod)) this.#changed(key);
  }

  /** Its slices tell of its end. Until then it is what it was. */
  deletePod({ uid }: Pod): void {
    this.#pods.delete(uid);
  }

  #stateOf(key: string): ServiceState {
    const state = this.#states.get(key) ?? new ServiceState();
    this.#states.set(key, state);
    return state;
  }

  /** @param isKept whether something is kept that may have vanished */
  #changed(key: string, isKept = false): void {
    if (!this.#isComplete) return;
    this.#throttle.ask(key);
    // Once more, when that has either turned up or gone.
    if (isKept) this.#options.clock.after(moveMs, () => !this.#isClosed && this.#throttle.ask(key));
  }

  #settle(key: string): void {
    const state = this.#states.get(key);
    if (state === undefined) return;
    const { service } = state;
    const rules = { ownPodsOnly: this.#options.ownPodsOnly, pods: this.#pods };
    const { services, problems } = service === undefined ? nothing : toServices(service, state.slices(this.#options.clock.now()), rules);
    this.#tell(state, new Map(services.map((service) => [service.name.text, service])));
    for (const problem of problems) {
      if (!state.problems.includes(problem)) this.#options.logger.warn({ service: key, problem }, "something is wrong with a Service");
    }
    state.problems = problems;
    if (state.isEmpty) this.#states.delete(key);
  }

  #tell(state: ServiceState, services: ReadonlyMap<string, Service>): void {
    const before = state.told;
    state.told = services;
    for (const [name, service] of services) if (!isDeepStrictEqual(service, before.get(name))) this.#observer.present(service);
    for (const name of before.keys()) if (!services.has(name)) this.#observer.gone(name);
  }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
