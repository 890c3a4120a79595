import type { AddressRules } from "meshless/discovery";
import type { Service, ServiceEndpoint } from "../service.ts";

export interface RefusedEndpoint {
  readonly service: string;
  readonly endpoint: ServiceEndpoint;
}

/** Which endpoints may be served. Endpoints do not change, and a service is looked at each time that one of them comes or goes: each is checked once. */
export class EndpointFilter {
  readonly #rules: AddressRules;
  readonly #passed = new WeakSet<ServiceEndpoint>();

  constructor(rules: AddressRules) {
    this.#rules = rules;
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
    const isAllowed = this.#rules.allows(endpoint.address);
    if (isAllowed) this.#passed.add(endpoint);
    return isAllowed;
  }
}
