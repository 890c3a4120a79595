import { systemClock } from "meshless/discovery";
import { ServiceReflectors } from "./service-reflectors.ts";
import type { ServicesObserver } from "./services-observer.ts";
import type { WatchServicesOptions } from "./services-options.ts";
import type { ServicesWatch } from "./services-watch.ts";

/**
 * Tells of Services of a cluster, by list and watch of its Services and EndpointSlices, from now on until it is closed. While the apiserver is away, the last
 * state stays.
 */
export function watchServices(options: WatchServicesOptions, observer: ServicesObserver): ServicesWatch {
  const { client, namespaces = [], service, areImports = false, ownPodsOnly = false, readsPods = false, readsNodes = false } = options;
  const { clock = systemClock, random = Math.random, timing = {} } = options;
  const scope = { namespaces: [...new Set(namespaces)], service, areImports };
  return new ServiceReflectors({ client, scope, ownPodsOnly, readsPods, readsNodes, clock, random, timing }, observer);
}
