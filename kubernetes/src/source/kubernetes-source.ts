import { AddressRules, type EndpointSource } from "meshless/discovery";
import { kubeconfigClient } from "../kubeconfig-client.ts";
import type { WatchServicesOptions } from "../services/services-options.ts";
import { watchServices } from "../services/watch-services.ts";
import { lazyClient } from "./lazy-client.ts";
import { parseServiceTarget } from "./service-target.ts";
import { ToldService } from "./told-service.ts";

/** How a Service is found and read. All of it may be left out, in a pod that may read the Service. */
export interface KubernetesSourceOptions
  extends Omit<WatchServicesOptions, "client" | "namespaces" | "service" | "areImports" | "readsNodes"> {
  /**
   * The Service and its port, a number or a name: `kubernetes:///checkout.shop:grpc`. Without a port, the one that is named `grpc`, or else the lowest.
   * Default: the authority of the transport, such as `checkout.shop:8080`.
   */
  readonly target?: string;
  /** The path of a kubeconfig. Default: where kubectl looks, and then the ServiceAccount of the pod that this runs in. */
  readonly kubeconfig?: string;
  /** Reads from the apiserver, in place of a kubeconfig. */
  readonly client?: WatchServicesOptions["client"];
  /**
   * Addresses and ranges, such as `127.0.0.0/8`, that may be endpoints though they usually may not: loopback, link-local, multicast, metadata services of
   * clouds. Default: none.
   */
  readonly allowAddresses?: readonly string[];
}

/**
 * Endpoints of a Service of Kubernetes, straight from the apiserver. Each transport is a list and a watch of that Service and of its EndpointSlices; all of one
 * source come by one client.
 *
 * @throws ConfigurationError for a target or an address that can't be, which shows the right form
 */
export function kubernetesSource(options: KubernetesSourceOptions = {}): EndpointSource {
  const { target: given, kubeconfig, client = lazyClient(() => kubeconfigClient(kubeconfig)), allowAddresses, ...rest } = options;
  if (given !== undefined) parseServiceTarget(given);
  const addressRules = new AddressRules(allowAddresses);
  return {
    watch(asked, observer) {
      const target = parseServiceTarget(given ?? asked);
      const { namespace, service } = target;
      const told = new ToldService(target, addressRules, observer);
      const watch = watchServices({ ...rest, client, namespaces: [namespace], service }, told);
      // Whatever changes is pushed: there is nothing to look for.
      return { refresh() {}, close: () => watch.close() };
    },
  };
}
