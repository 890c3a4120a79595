import { hostAndPort } from "../../host-and-port.ts";
import type { Problems } from "./problems.ts";
import type { EndpointFields } from "./read-endpoint.ts";

/** More than a locality may have endpoints. */
const places = 1_000_000;

/** The path of an endpoint, with the names of xDS. */
export function pathOf(locality: number, place: number): string {
  return `endpoints[${locality}].lb_endpoints[${place}]`;
}

/** Holds that neither an address nor an id comes twice in one set. */
export class UniqueEndpoints {
  readonly #problems: Problems;
  /** Where each was, as a number: paths would cost more than all the rest. */
  readonly #addresses = new Map<string, number>();
  readonly #ids = new Map<string, number>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** @returns false if it is there already, which is a problem */
  add({ id, address, port }: EndpointFields, locality: number, place: number): boolean {
    const here = locality * places + place;
    const key = hostAndPort(address, port);
    const sameAddress = this.#addresses.get(key);
    const sameId = this.#ids.get(id);
    const first = sameAddress ?? sameId;
    if (first === undefined) {
      this.#addresses.set(key, here);
      this.#ids.set(id, here);
      return true;
    }
    const what = sameAddress === undefined ? `id ${JSON.stringify(id)}` : `address ${key}`;
    this.#problems.add(`${pathOf(locality, place)}: has the ${what} of ${pathOf(Math.floor(first / places), first % places)}`);
    return false;
  }
}
