import { isDeepStrictEqual } from "node:util";
import type { Clock } from "meshless/discovery";
import { readSettings } from "./endpoint-settings.ts";
import { keptSame } from "./kept-same.ts";
import { KeyedThrottle } from "./keyed-throttle.ts";
import type { EndpointSlice } from "./read-endpoint-slice.ts";
import type { Pod } from "./read-pod.ts";
import type { KubernetesService } from "./read-service.ts";
import { ServiceState } from "./service-state.ts";
import type { ServicesObserver } from "./services-observer.ts";
import { toWatchedService } from "./to-watched-service.ts";
import type { ServiceKey } from "./watched-service.ts";

export interface ServiceTableOptions {
  readonly ownPodsOnly: boolean;
  readonly clock: Clock;
}

/** How long a change of a service waits for others, unless it is the first one after so long. */
const settleMs = 100;
/** How long an endpoint is kept that vanishes from a slice and may turn up in another one. */
const moveMs = 100;

const noSettings = readSettings({}, {});

/** Joins Services, their slices and pods, and tells what becomes of them: nothing before it is complete, and then what differs. */
export class ServiceTable {
  readonly #options: ServiceTableOptions;
  readonly #observer: ServicesObserver;
  readonly #throttle: KeyedThrottle;
  /** By namespace and name. */
  readonly #states = new Map<string, ServiceState>();
  readonly #pods = new Map<string, Pod>();
  #isComplete = false;
  #isClosed = false;

  constructor(options: ServiceTableOptions, observer: ServicesObserver) {
    this.#options = options;
    this.#observer = observer;
    this.#throttle = new KeyedThrottle(options.clock, settleMs, (key) => this.#settle(key));
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
    this.#stateOf(service).service = service;
    this.#changed(keyOf(service));
  }

  deleteService(service: KubernetesService): void {
    const state = this.#stateOf(service);
    // Another one may have its name by now.
    if (state.service?.uid === service.uid) state.service = undefined;
    this.#changed(keyOf(service));
  }

  putSlice(slice: EndpointSlice, before: EndpointSlice | undefined): void {
    if (before !== undefined && before.service !== slice.service) this.deleteSlice(before);
    const owner = ownerOf(slice);
    this.#changed(keyOf(owner), this.#stateOf(owner).put(slice, this.#options.clock.now() + moveMs));
  }

  deleteSlice(slice: EndpointSlice): void {
    const owner = ownerOf(slice);
    this.#changed(keyOf(owner), this.#stateOf(owner).delete(slice, this.#options.clock.now() + moveMs));
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

  #stateOf(service: ServiceKey): ServiceState {
    const key = keyOf(service);
    const state = this.#states.get(key) ?? new ServiceState(service);
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
    const { service, told } = state;
    const rules = { ownPodsOnly: this.#options.ownPodsOnly, pods: this.#pods };
    const now = service && keptSame(told, toWatchedService(service, state.slices(this.#options.clock.now()), rules));
    state.told = now;
    if (now !== undefined && now !== told) this.#observer.present(now);
    if (now === undefined && told !== undefined) this.#observer.gone(state.key);
    if (state.isEmpty) this.#states.delete(key);
  }
}

function keyOf({ namespace, name }: ServiceKey): string {
  return `${namespace}/${name}`;
}

function ownerOf({ namespace, service }: EndpointSlice): ServiceKey {
  return { namespace, name: service };
}
