import type { Service } from "../../service.ts";
import type { EndpointSlice, SliceEndpoint } from "./read-endpoint-slice.ts";
import type { Pod } from "./read-pod.ts";
import type { KubernetesService } from "./read-service.ts";

/** All that is known of a Service: it and its slices come in any order. */
export class ServiceState {
  service: KubernetesService | undefined;
  /** What the observer was told last, by name. */
  told: ReadonlyMap<string, Service> = new Map();
  problems: readonly string[] = [];
  readonly #slices = new Map<string, EndpointSlice>();
  /** What vanished a moment ago, though nothing had said that it would. */
  #departures: readonly Departure[] = [];

  get isEmpty(): boolean {
    return this.service === undefined && this.#slices.size === 0 && this.told.size === 0;
  }

  /**
   * The slices, and what may be on its way from one to another. Where it turns up, that counts.
   */
  slices(nowMs: number): readonly EndpointSlice[] {
    this.#departures = this.#departures.filter(({ untilMs }) => nowMs < untilMs);
    return [...this.#slices.values(), ...this.#departures.map(({ slice }) => slice)];
  }

  hasPod({ namespace, uid }: Pod): boolean {
    return this.#slices.values().some((slice) => slice.namespace === namespace && slice.endpoints.some(({ podUid }) => podUid === uid));
  }

  /** @returns whether endpoints have vanished that are kept until then */
  put(slice: EndpointSlice, untilMs: number): boolean {
    const before = this.#slices.get(slice.uid);
    this.#slices.set(slice.uid, slice);
    return before !== undefined && this.#keep(before, slice.endpoints, untilMs);
  }

  /** @returns whether endpoints have vanished that are kept until then */
  delete(slice: EndpointSlice, untilMs: number): boolean {
    return this.#slices.delete(slice.uid) && this.#keep(slice, [], untilMs);
  }

  #keep(before: EndpointSlice, now: readonly SliceEndpoint[], untilMs: number): boolean {
    const there = new Set(now.map(keyOf));
    const endpoints = before.endpoints.filter((endpoint) => endpoint.ready && !endpoint.terminating && !there.has(keyOf(endpoint)));
    if (endpoints.length === 0) return false;
    this.#departures = [...this.#departures, { slice: { ...before, version: oldest, endpoints }, untilMs }];
    return true;
  }
}

interface Departure {
  readonly slice: EndpointSlice;
  readonly untilMs: number;
}

/** So that whatever a slice says of the endpoint is newer. */
const oldest = "0";

function keyOf({ podUid, address }: SliceEndpoint): string {
  return podUid ?? address;
}
