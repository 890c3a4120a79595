import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Listener, ListenerSchema } from "../gen/envoy/config/listener/v3/listener_pb.ts";
import type { RetryPolicySchema } from "../gen/envoy/config/route/v3/route_components_pb.ts";
import { type RouteConfiguration, RouteConfigurationSchema } from "../gen/envoy/config/route/v3/route_pb.ts";
import { RouterSchema } from "../gen/envoy/extensions/filters/http/router/v3/router_pb.ts";
import { HttpConnectionManagerSchema } from "../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts";
import { packed } from "../resource.ts";
import type { RetryRules } from "../service.ts";

const router = packed(RouterSchema, create(RouterSchema));

/** What a gRPC client asks for first: its target, letter by letter. The routes are inline, which spares a round trip and cannot tear. */
export function listener(name: string, cluster: string, retry: RetryRules | undefined): Listener {
  const manager = create(HttpConnectionManagerSchema, {
    routeSpecifier: { case: "routeConfig", value: routes(name, cluster, retry) },
    httpFilters: [{ name: "envoy.filters.http.router", configType: { case: "typedConfig", value: router } }],
  });
  return create(ListenerSchema, { name, apiListener: { apiListener: packed(HttpConnectionManagerSchema, manager) } });
}

/** All calls to one cluster. */
export function routes(name: string, cluster: string, retry: RetryRules | undefined): RouteConfiguration {
  const retryPolicy = retry && retryPolicyOf(retry);
  return create(RouteConfigurationSchema, {
    name,
    virtualHosts: [
      {
        name,
        domains: ["*"],
        routes: [
          {
            match: { pathSpecifier: { case: "prefix", value: "" } },
            action: {
              case: "route",
              value: { clusterSpecifier: { case: "cluster", value: cluster }, ...(retryPolicy && { retryPolicy }) },
            },
          },
        ],
      },
    ],
  });
}

function retryPolicyOf(retry: RetryRules): MessageInitShape<typeof RetryPolicySchema> {
  const { on, maxRetries, perTryTimeoutMs, backoffMs, maxBackoffMs } = retry;
  return {
    retryOn: on.join(","),
    numRetries: maxRetries,
    ...(perTryTimeoutMs !== undefined && { perTryTimeout: durationFromMs(perTryTimeoutMs) }),
    retryBackOff: { baseInterval: durationFromMs(backoffMs), maxInterval: durationFromMs(maxBackoffMs) },
  };
}
