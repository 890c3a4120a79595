import type { Route, RouteAction, RouteMatch, VirtualHost } from "../../gen/envoy/config/route/v3/route_components_pb.ts";
import type { RouteConfiguration } from "../../gen/envoy/config/route/v3/route_pb.ts";
import type { Problems } from "./problems.ts";
import { readShare } from "./proto-fields.ts";
import { type RetryRules, toRetryRules } from "./to-retry-rules.ts";

/** Which clusters calls go to. */
export interface XdsRoutes {
  readonly kind: "routes";
  readonly name: string;
  readonly virtualHosts: readonly XdsVirtualHost[];
}

export interface XdsVirtualHost {
  /** Exact names, `*.suffix`, `prefix.*`, or `*`. */
  readonly domains: readonly string[];
  /** In order: the first that matches is taken. */
  readonly routes: readonly XdsRoute[];
}

/** Of the path `/package.Service/Method`. */
export interface XdsPath {
  readonly kind: "prefix" | "exact";
  readonly text: string;
  readonly isCaseSensitive: boolean;
}

export type XdsRoute =
  | XdsForward
  /** `path` is undefined if it is not known which calls it is for. */
  | { readonly kind: "unsupported"; readonly reason: string; readonly path: XdsPath | undefined };

export interface XdsForward {
  readonly kind: "forward";
  readonly path: XdsPath;
  /** Of the calls that match otherwise. */
  readonly share: number;
  readonly clusters: readonly { readonly name: string; readonly weight: number }[];
  readonly retry: RetryRules | undefined;
  /** Headers whose values make the hash of a call, in this order. */
  readonly hashHeaders: readonly string[];
}

const maxWeight = 2 ** 32 - 1;

/**
 * What is valid but not for this client is a route that is `unsupported`, and no problem: it may be of a host that the client does not call. It must not be
 * left out, since calls that it is for would then be taken by a later one.
 */
export function toRoutes({ name, virtualHosts }: RouteConfiguration, problems: Problems, path = ""): XdsRoutes {
  const domains = new Set<string>();
  const hosts = virtualHosts.map((host, index) => {
    const hostPath = `${path}virtual_hosts[${index}]`;
    if (host.domains.length === 0) problems.add(`${hostPath}: has no domains`);
    for (const domain of host.domains) {
      if (domains.has(domain)) problems.unexpected(`${hostPath}.domains`, "each domain once in all", domain);
      domains.add(domain);
    }
    return { domains: host.domains, routes: toHostRoutes(host, hostPath, problems) };
  });
  return { kind: "routes", name, virtualHosts: hosts };
}

function toHostRoutes({ routes, retryPolicy }: VirtualHost, path: string, problems: Problems): readonly XdsRoute[] {
  const retry = toRetryRules(retryPolicy, `${path}.retry_policy`, problems);
  return routes.map((route, index) => toRoute(route, retry, `${path}.routes[${index}]`, problems));
}

function toRoute({ match, action, name }: Route, hostRetry: RetryRules | undefined, path: string, problems: Problems): XdsRoute {
  const label = name === "" ? path : `${path} (${JSON.stringify(name)})`;
  const matchPath = match && toPath(match);
  const unsupported = (reason: string): XdsRoute => ({ kind: "unsupported", reason: `${label} ${reason}`, path: matchPath });
  if (match === undefined) {
    problems.add(`${path}: has no match`);
    return unsupported("has no match");
  }
  const { headers, queryParameters, runtimeFraction } = match;
  if (matchPath === undefined) return unsupported("matches by something else than a prefix or a path");
  if (headers.length > 0) return unsupported("has conditions on headers");
  if (queryParameters.length > 0) return unsupported("has conditions on query parameters");
  if (action.case === undefined) return unsupported("does something else than forward calls");
  const fraction = runtimeFraction?.defaultValue;
  const share = fraction === undefined ? 1 : readShare(fraction, `${path}.match.runtime_fraction.default_value`, problems);
  const clusters = toClusters(action.value, path, problems);
  if (clusters === undefined) return unsupported("names its cluster by something else than a name or weights");
  const retry = action.value.retryPolicy ? toRetryRules(action.value.retryPolicy, `${path}.route.retry_policy`, problems) : hostRetry;
  return { kind: "forward", path: matchPath, share: share ?? 1, clusters, retry, hashHeaders: toHashHeaders(action.value) };
}

function toPath({ pathSpecifier: given, caseSensitive = true }: RouteMatch): XdsPath | undefined {
  if (given.case === undefined) return undefined;
  return { kind: given.case === "path" ? "exact" : "prefix", text: given.value, isCaseSensitive: caseSensitive };
}

/** Those with weight 0 get no calls, and are left out. Undefined if they are named in another way. */
function toClusters({ clusterSpecifier: given }: RouteAction, path: string, problems: Problems): XdsForward["clusters"] | undefined {
  if (given.case === undefined) return undefined;
  if (given.case === "cluster") return [{ name: given.value, weight: 1 }];
  const clusters = given.value.clusters.map(({ name, weight = 0 }) => ({ name, weight }));
  const sum = clusters.reduce((total, { weight }) => total + weight, 0);
  if (sum < 1 || sum > maxWeight) problems.unexpected(`${path}.route.weighted_clusters`, `weights of 1 to ${maxWeight} in all`, sum);
  if (clusters.some(({ name }) => name === "")) problems.add(`${path}.route.weighted_clusters: has a cluster without a name`);
  return clusters.filter(({ weight }) => weight > 0);
}

function toHashHeaders({ hashPolicy }: RouteAction): readonly string[] {
  return hashPolicy.flatMap(({ policySpecifier: { value } }) => (value === undefined ? [] : [value.headerName.toLowerCase()]));
}
