import { type EndpointInput, readEndpoints } from "./endpoint-input.ts";
import type { EndpointSource } from "./endpoint-source.ts";
import { KeepLastGood } from "./keep-last-good.ts";

/**
 * Endpoints that never change, written as a list or as a target's text: `10.0.0.1:80,10.0.0.2:80`. Whatever target is watched,
 * it has these. An empty list is a service known to have no endpoints.
 *
 * @throws ConfigurationError that names the endpoint which is wrong
 */
export function staticSource(endpoints: string | readonly EndpointInput[]): EndpointSource {
  const list = readEndpoints(typeof endpoints === "string" ? endpoints.split(",").map((text) => text.trim()) : endpoints, "endpoints");
  return {
    watch(_target, observer) {
      const told = new KeepLastGood(observer);
      queueMicrotask(() => told.good(list));
      return { refresh: () => {}, close: () => told.close() };
    },
  };
}
