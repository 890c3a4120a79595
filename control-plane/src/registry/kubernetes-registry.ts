import { type WatchServicesOptions, watchServices } from "meshless-kubernetes";
import { type Logger, silentLogger } from "../logger.ts";
import { kubernetesMeasures } from "./kubernetes-measures.ts";
import { KubernetesServices } from "./kubernetes-services.ts";
import type { Registry } from "./registry.ts";

export interface KubernetesRegistryOptions extends Omit<WatchServicesOptions, "service"> {
  /** Hears of what is wrong with a Service. Default: silent. */
  readonly logger?: Logger;
}

/** Services of a Kubernetes cluster, by list and watch of its Services and EndpointSlices. While the apiserver is away, the last state stays. */
export function kubernetesRegistry({ logger = silentLogger, ...options }: KubernetesRegistryOptions): Registry {
  const names = [...new Set(options.namespaces)];
  return {
    description: names.length === 0 ? "kubernetes" : `kubernetes: ${names.join(", ")}`,
    watch(observer) {
      const services = new KubernetesServices(logger, observer);
      const watch = watchServices(options, services);
      return { measures: kubernetesMeasures(watch, services), close: () => watch.close() };
    },
  };
}
