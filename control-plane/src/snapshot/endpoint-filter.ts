import { type AddressRules, listChange } from "meshless/discovery";
import type { Service, ServiceEndpoint } from "../service.ts";

export interface RefusedEndpoint {
  readonly service: string;
  readonly endpoint: ServiceEndpoint;
}

/** Which endpoints may be served. */
export class EndpointFilter {
  readonly #rules: AddressRules;

  constructor(rules: AddressRules) {
    this.#rules = rules;
  }

  /**
   * The service without what may not be an endpoint of it.
   *
   * @param passed endpoints that may be served: those of the service before, of which only a few have changed
   */
  apply(service: Service, passed: readonly ServiceEndpoint[]): { readonly service: Service; readonly refused: readonly RefusedEndpoint[] } {
    const refused = new Set(listChange(passed, service.endpoints).came.filter(({ address }) => !this.#rules.allows(address)));
    if (refused.size === 0) return { service, refused: [] };
    return {
      service: { ...service, endpoints: service.endpoints.filter((endpoint) => !refused.has(endpoint)) },
      refused: [...refused].map((endpoint) => ({ service: service.name.text, endpoint })),
    };
  }
}
