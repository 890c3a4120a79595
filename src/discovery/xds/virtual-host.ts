import type { XdsPath, XdsRoute, XdsRoutes, XdsVirtualHost } from "./to-routes.ts";

/**
 * The virtual host for a target's name: an exact domain before the longest suffix, before the longest prefix, before `*`.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto
 */
export function findVirtualHost({ virtualHosts }: XdsRoutes, name: string): XdsVirtualHost | undefined {
  const host = name.toLowerCase();
  const matches = virtualHosts.flatMap((virtualHost) =>
    virtualHost.domains.map((domain) => ({ virtualHost, rank: rank(domain.toLowerCase(), host) })),
  );
  const best = matches.reduce<(typeof matches)[number] | undefined>((a, b) => (b.rank > (a?.rank ?? 0) ? b : a), undefined);
  return best?.virtualHost;
}

/** The first route that takes a call, though it may be one that this client can't follow. `chance` in [0, 1) decides for those that take a share. */
export function findRoute({ routes }: XdsVirtualHost, path: string, chance: number): XdsRoute | undefined {
  return routes.find((route) => {
    if (route.kind === "unsupported") return route.path === undefined || takes(route.path, path);
    return takes(route.path, path) && chance < route.share;
  });
}

function takes({ kind, text, isCaseSensitive }: XdsPath, path: string): boolean {
  const [given, wanted] = isCaseSensitive ? [path, text] : [path.toLowerCase(), text.toLowerCase()];
  return kind === "exact" ? given === wanted : given.startsWith(wanted);
}

/** Higher is better, 0 is no match. Domains are at most a few hundred characters. */
function rank(domain: string, host: string): number {
  if (domain === host) return 3e6;
  if (domain === "*") return 1;
  const isLonger = host.length >= domain.length;
  if (domain.startsWith("*") && isLonger && host.endsWith(domain.slice(1))) return 2e6 + domain.length;
  if (domain.endsWith("*") && isLonger && host.startsWith(domain.slice(0, -1))) return 1e6 + domain.length;
  return 0;
}
