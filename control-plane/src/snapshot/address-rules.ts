import { BlockList, isIP } from "node:net";
import type { Service, ServiceEndpoint } from "../service.ts";

/**
 * Where no service of a fleet has its endpoints, but much that a client must not be sent to: itself, its neighbours on the link, the metadata services
 * of clouds. Whoever may write endpoints would reach them through every client.
 */
const refused = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/127",
  "fe80::/10",
  "ff00::/8",
  "fd00:ec2::254/128",
] as const;

export interface RefusedEndpoint {
  readonly service: string;
  readonly endpoint: ServiceEndpoint;
}

/** Which addresses may be endpoints. */
export class AddressRules {
  readonly #refused = listOf(refused);
  readonly #allowed: BlockList;
  /** Endpoints do not change, and a service is looked at each time that one of its endpoints comes or goes. */
  readonly #passed = new WeakSet<ServiceEndpoint>();

  /**
   * @param allowed ranges such as `127.0.0.0/8`, which may be endpoints though they are among those that are refused
   * @throws TypeError for what is no range
   */
  constructor(allowed: readonly string[] = []) {
    this.#allowed = listOf(allowed);
  }

  allows(address: string): boolean {
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    return !this.#refused.check(address, family) || this.#allowed.check(address, family);
  }

  /** The service without what may not be an endpoint of it. */
  apply(service: Service): { readonly service: Service; readonly refused: readonly RefusedEndpoint[] } {
    const refused = service.endpoints.filter((endpoint) => !this.#passes(endpoint));
    if (refused.length === 0) return { service, refused: [] };
    const allowed = service.endpoints.filter((endpoint) => this.#passes(endpoint));
    return {
      service: { ...service, endpoints: allowed },
      refused: refused.map((endpoint) => ({ service: service.name.text, endpoint })),
    };
  }

  #passes(endpoint: ServiceEndpoint): boolean {
    if (this.#passed.has(endpoint)) return true;
    const isAllowed = this.allows(endpoint.address);
    if (isAllowed) this.#passed.add(endpoint);
    return isAllowed;
  }
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const version = isIP(address);
    const prefix = bits === undefined ? (version === 6 ? 128 : 32) : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    if (version === 0 || prefix < 0 || prefix > (version === 6 ? 128 : 32)) {
      throw new TypeError(`${JSON.stringify(range)}: expected an IP address or a range such as 127.0.0.0/8`);
    }
    list.addSubnet(address, prefix, version === 6 ? "ipv6" : "ipv4");
  }
  return list;
}
