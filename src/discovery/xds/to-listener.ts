import type { Listener } from "../../gen/envoy/config/listener/v3/listener_pb.ts";
import { RouterSchema } from "../../gen/envoy/extensions/filters/http/router/v3/router_pb.ts";
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
  type HttpFilter,
} from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts";
import type { Problems } from "./problems.ts";
import { isTyped, unpack } from "./proto-fields.ts";
import { toRoutes, type XdsRoutes } from "./to-routes.ts";

/** What becomes of calls to a target. */
export interface XdsListener {
  readonly kind: "listener";
  readonly name: string;
  /** The routes, or the name of their resource. */
  readonly routes: XdsRoutes | { readonly kind: "named"; readonly name: string };
}

/** It injects nothing where it is not configured, and published control planes send it to all. */
const faultFilter = { typeName: "envoy.extensions.filters.http.fault.v3.HTTPFault" };

/** Undefined if it says nothing for clients, which is a problem. */
export function toListener({ name, apiListener }: Listener, problems: Problems): XdsListener | undefined {
  const path = "api_listener.api_listener";
  const any = apiListener?.apiListener;
  if (any === undefined) return problems.add("api_listener: is missing: this listener is for servers");
  const manager = unpack(any, HttpConnectionManagerSchema, path, problems);
  if (manager === undefined) return problems.unexpected(path, "an HttpConnectionManager", any.typeUrl);
  checkFilters(manager.httpFilters, path, problems);
  const routes = toListenerRoutes(manager, path, problems);
  return routes && { kind: "listener", name, routes };
}

function toListenerRoutes(
  { routeSpecifier: given }: HttpConnectionManager,
  path: string,
  problems: Problems,
): XdsListener["routes"] | undefined {
  if (given.case === undefined) return problems.add(`${path}: has neither rds nor route_config`);
  if (given.case === "routeConfig") return toRoutes(given.value, problems, `${path}.route_config.`);
  const { configSource, routeConfigName } = given.value;
  if (configSource?.configSourceSpecifier.case === undefined) return problems.add(`${path}.rds.config_source: neither ads nor self`);
  if (routeConfigName === "") return problems.add(`${path}.rds.route_config_name: is missing`);
  return { kind: "named", name: routeConfigName };
}

/** Who leaves out a filter that it does not know would let calls through that the filter was to stop. */
function checkFilters(filters: readonly HttpFilter[], path: string, problems: Problems): void {
  const isRouter = ({ configType: { value } }: HttpFilter) => value !== undefined && isTyped(value, RouterSchema);
  const last = filters.at(-1);
  if (last === undefined || !isRouter(last)) problems.add(`${path}.http_filters: the last is no router`);
  for (const [index, filter] of filters.entries()) {
    const { name, configType, isOptional } = filter;
    const isIdle = configType.value !== undefined && configType.value.value.length === 0 && isTyped(configType.value, faultFilter);
    if (isRouter(filter) ? index < filters.length - 1 : !isOptional && !isIdle) {
      problems.unexpected(`${path}.http_filters[${index}]`, "the router at the end, and before it what is optional", name);
    }
  }
}
