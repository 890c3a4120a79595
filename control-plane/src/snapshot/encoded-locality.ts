import type { ServiceEndpoint } from "../service.ts";
import { encodedEndpoint } from "./encoded-endpoint.ts";
import { inOrder } from "./endpoint-order.ts";

/** The endpoints of one locality and priority, in order, and encoded. Another one that has an endpoint more or less is made by copying. */
export class EncodedLocality {
  /** Together, one behind the other. */
  readonly bytes: Buffer;
  readonly weight: number;
  readonly #endpoints: readonly ServiceEndpoint[];
  /** Where each endpoint begins, and where the last one ends. */
  readonly #offsets: Uint32Array;

  /** @param endpoints in order, at least one */
  static of(endpoints: readonly ServiceEndpoint[]): EncodedLocality {
    const fields = endpoints.map(encodedEndpoint);
    const offsets = new Uint32Array(endpoints.length + 1);
    for (const [place, { length }] of fields.entries()) offsets[place + 1] = (offsets[place] as number) + length;
    return new EncodedLocality(endpoints, Buffer.concat(fields), offsets, sumOf(endpoints));
  }

  private constructor(endpoints: readonly ServiceEndpoint[], bytes: Buffer, offsets: Uint32Array, weight: number) {
    this.#endpoints = endpoints;
    this.bytes = bytes;
    this.#offsets = offsets;
    this.weight = weight;
  }

  /** What all of its endpoints have in common. */
  get place(): Pick<ServiceEndpoint, "priority" | "region" | "zone"> {
    return this.#endpoints[0] as ServiceEndpoint;
  }

  get size(): number {
    return this.#endpoints.length;
  }

  isOf({ priority, region, zone }: ServiceEndpoint): boolean {
    const { place } = this;
    return place.priority === priority && place.region === region && place.zone === zone;
  }

  hasAddress({ address, port }: ServiceEndpoint): boolean {
    const found = this.#endpoints[this.#placeOf({ address, port, id: "" })];
    return found?.address === address && found.port === port;
  }

  with(endpoint: ServiceEndpoint): EncodedLocality {
    return this.#spliced(this.#placeOf(endpoint), 0, [endpoint]);
  }

  /** @param endpoint one of its own, and not the last */
  without(endpoint: ServiceEndpoint): EncodedLocality {
    return this.#spliced(this.#placeOf(endpoint), 1, []);
  }

  #spliced(place: number, removed: number, added: readonly ServiceEndpoint[]): EncodedLocality {
    const start = this.#offsets[place] as number;
    const end = this.#offsets[place + removed] as number;
    const fields = added.map(encodedEndpoint);
    const bytes = Buffer.concat([this.bytes.subarray(0, start), ...fields, this.bytes.subarray(end)]);
    const endpoints = this.#endpoints.toSpliced(place, removed, ...added);
    const offsets = new Uint32Array(endpoints.length + 1);
    offsets.set(this.#offsets.subarray(0, place + 1));
    const shift = bytes.length - this.bytes.length;
    for (let index = place + added.length; index < offsets.length; index++) {
      offsets[index] = (this.#offsets[index - added.length + removed] as number) + shift;
    }
    const weight = this.weight + sumOf(added) - sumOf(this.#endpoints.slice(place, place + removed));
    return new EncodedLocality(endpoints, bytes, offsets, weight);
  }

  /** Where an endpoint is, or belongs. */
  #placeOf(endpoint: Pick<ServiceEndpoint, "address" | "port" | "id">): number {
    let low = 0;
    let high = this.#endpoints.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (inOrder(this.#endpoints[middle] as ServiceEndpoint, endpoint) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function sumOf(endpoints: readonly ServiceEndpoint[]): number {
  return endpoints.reduce((sum, { weight }) => sum + weight, 0);
}
