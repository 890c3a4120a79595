import type { EndpointSlice, SliceEndpoint } from "./read-endpoint-slice.ts";
import type { Pod } from "./read-pod.ts";
import type { KubernetesService } from "./read-service.ts";
import type { ServiceKey, WatchedService } from "./watched-service.ts";

/** All that is known of a Service: it and its slices come in any order. */
export class ServiceState {
  readonly key: ServiceKey;
  service: KubernetesService | undefined;
  /** As the observer was told last, if it is there for him. */
  told: WatchedService | undefined;
  readonly #slices = new Map<string, EndpointSlice>();
  /** What vanished a moment ago, though nothing had said that it would. */
  #departures: readonly Departure[] = [];

  constructor({ namespace, name }: ServiceKey) {
    this.key = { namespace, name };
  }

  get isEmpty(): boolean {
    return this.service === undefined && this.#slices.size === 0 && this.told === undefined;
  }

  /** The slices, and what may be on its way from one to another. What has turned up is what it is there. */
  slices(nowMs: number): readonly EndpointSlice[] {
    const slices = [...this.#slices.values()];
    this.#departures = this.#departures.filter(({ untilMs }) => nowMs < untilMs);
    if (this.#departures.length === 0) return slices;
    const there = new Set(slices.flatMap(keysOf));
    return [...slices, ...this.#departures.map(({ slice }) => without(slice, there))];
  }

  hasPod({ namespace, uid }: Pod): boolean {
    return this.#slices.values().some((slice) => slice.namespace === namespace && slice.endpoints.some(({ podUid }) => podUid === uid));
  }

  /** @returns whether endpoints have vanished that are kept until then */
  put(slice: EndpointSlice, untilMs: number): boolean {
    const before = this.#slices.get(slice.uid);
    this.#slices.set(slice.uid, slice);
    return before !== undefined && this.#keep(before, slice, untilMs);
  }

  /** @returns whether endpoints have vanished that are kept until then */
  delete(slice: EndpointSlice, untilMs: number): boolean {
    return this.#slices.delete(slice.uid) && this.#keep(slice, undefined, untilMs);
  }

  #keep(before: EndpointSlice, now: EndpointSlice | undefined, untilMs: number): boolean {
    const { endpoints } = without(before, new Set(now && keysOf(now)));
    const unannounced = endpoints.filter(({ ready, terminating }) => ready && !terminating);
    if (unannounced.length === 0) return false;
    this.#departures = [...this.#departures, { slice: { ...before, endpoints: unannounced }, untilMs }];
    return true;
  }
}

interface Departure {
  readonly slice: EndpointSlice;
  readonly untilMs: number;
}

function without(slice: EndpointSlice, keys: ReadonlySet<string>): EndpointSlice {
  return { ...slice, endpoints: slice.endpoints.filter((endpoint) => !keys.has(keyOf(slice, endpoint))) };
}

function keysOf(slice: EndpointSlice): readonly string[] {
  return slice.endpoints.map((endpoint) => keyOf(slice, endpoint));
}

/** A pod may have an address of each family. */
function keyOf({ family }: EndpointSlice, { podUid, address }: SliceEndpoint): string {
  return `${family} ${podUid ?? address}`;
}
