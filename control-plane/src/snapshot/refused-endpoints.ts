import type { AddressRules } from "meshless/discovery";
import type { Service, ServiceEndpoint } from "../service.ts";

export interface RefusedEndpoint {
  readonly service: string;
  readonly endpoint: ServiceEndpoint;
}

/** The service without what may not be an endpoint of it. */
export function withoutRefused(
  service: Service,
  rules: AddressRules,
): { readonly service: Service; readonly refused: readonly RefusedEndpoint[] } {
  const { allowed = [], refused = [] } = Object.groupBy(service.endpoints, ({ address }) =>
    rules.allows(address) ? "allowed" : "refused",
  );
  if (refused.length === 0) return { service, refused: [] };
  return {
    service: { ...service, endpoints: allowed },
    refused: refused.map((endpoint) => ({ service: service.name.text, endpoint })),
  };
}
