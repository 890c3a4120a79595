import type { Clock } from "meshless/discovery";
import type { ApiserverClient } from "../reflector/apiserver-client.ts";
import type { ReflectorTiming } from "../reflector/reflector-timing.ts";

/** Which Services are wanted, and by whom they are read. */
export interface WatchServicesOptions {
  /** Reads from the apiserver: `await kubeconfigClient()`. */
  readonly client: ApiserverClient;
  /** Those whose Services are wanted. Default: all. */
  readonly namespaces?: readonly string[];
  /** The name of the only Service that is wanted, of each namespace. Default: all. */
  readonly service?: string;
  /**
   * Whether only pods that Kubernetes found by a Service's selector are its endpoints. Otherwise whoever may write EndpointSlices in a namespace may have
   * clients call any address (CVE-2021-25740). Default false, so that Services without a selector have endpoints.
   */
  readonly ownPodsOnly?: boolean;
  /**
   * Whether shards and weights of pods are read from their labels and annotations. It takes list and watch of pods, of which nothing but metadata is asked for.
   * Default false: those of EndpointSlices alone.
   */
  readonly readsPods?: boolean;
  /**
   * Whether ServiceImports are told of, and the endpoints of other clusters that a controller of the Multi-Cluster Services API writes for them, in place of
   * Services. It takes list and watch of `serviceimports.multicluster.x-k8s.io`. Default false.
   */
  readonly areImports?: boolean;
  /**
   * Whether nodes are told of, for clients that know their node and not its zone. It takes list and watch of nodes, of which nothing but metadata is asked for.
   * Default false.
   */
  readonly readsNodes?: boolean;
  /** Default: the real clock. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: () => number;
  /** Times of list and watch. Default: {@link ReflectorTiming}'s. */
  readonly timing?: Partial<ReflectorTiming>;
}
