import type { Endpoint } from "../../src/endpoint.ts";
import { testEndpoint } from "../../src/testing/index.ts";

/** These servers, as a source would list them. */
export function endpointsOf(...servers: readonly { readonly port: number }[]): Endpoint[] {
  return servers.map(({ port }) => testEndpoint({ port }));
}
