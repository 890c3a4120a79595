import type { MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { problemsOf, readGood } from "../../../test/xds/read-resource.ts";
import type { RouteSchema, VirtualHostSchema } from "../../gen/envoy/config/route/v3/route_components_pb.ts";
import { RouteConfigurationSchema } from "../../gen/envoy/config/route/v3/route_pb.ts";
import { findRoute, findVirtualHost } from "./virtual-host.ts";
import { routesKind } from "./xds-kinds.ts";

type Host = MessageInitShape<typeof VirtualHostSchema>;
type Init = MessageInitShape<typeof RouteSchema>;

const all: Init = { match: { pathSpecifier: { case: "prefix", value: "" } }, action: to("checkout") };

function to(cluster: string, rest: object = {}): Extract<Init["action"], { case: "route" }> {
  return { case: "route", value: { clusterSpecifier: { case: "cluster", value: cluster }, ...rest } };
}

function weighted(...weights: (number | undefined)[]): Init {
  const clusters = weights.map((weight, index) => ({ name: `c${index}`, ...(weight !== undefined && { weight }) }));
  return { ...all, action: { case: "route", value: { clusterSpecifier: { case: "weightedClusters", value: { clusters } } } } } as Init;
}

const config = (...virtualHosts: Host[]) => ({ name: "routes", virtualHosts });
const read = (...hosts: Host[]) => readGood(routesKind, RouteConfigurationSchema, config(...hosts));
const problems = (...hosts: Host[]) => problemsOf(routesKind, RouteConfigurationSchema, config(...hosts));
const routes = (...given: Init[]) => read({ domains: ["*"], routes: given }).virtualHosts[0]?.routes ?? [];

describe("a route", () => {
  it("goes to a cluster, or to several by weight, those of weight 0 left out", () => {
    expect(routes(all)).toEqual([
      {
        kind: "forward",
        path: { kind: "prefix", text: "", isCaseSensitive: true },
        share: 1,
        clusters: [{ name: "checkout", weight: 1 }],
        retry: undefined,
        hashHeaders: [],
      },
    ]);
    expect(routes(weighted(3, 0, 1))).toMatchObject([
      {
        clusters: [
          { name: "c0", weight: 3 },
          { name: "c2", weight: 1 },
        ],
      },
    ]);
  });

  it("takes a share of the calls, by exact path or prefix, with or without regard to case", () => {
    const match = {
      pathSpecifier: { case: "path" as const, value: "/shop.Checkout/Pay" },
      caseSensitive: false,
      runtimeFraction: { defaultValue: { numerator: 25 } },
    };
    expect(routes({ ...all, match } as Init)).toMatchObject([
      { path: { kind: "exact", text: "/shop.Checkout/Pay", isCaseSensitive: false }, share: 0.25 },
    ]);
  });

  it("that can't be followed stays in its place, with the reason, and is no problem", () => {
    const prefix = { pathSpecifier: { case: "prefix" as const, value: "/a" } };
    const given = routes(
      { ...all, name: "beta", match: { ...prefix, headers: [{ name: "x-user" }] } } as Init,
      { ...all, match: { ...prefix, queryParameters: [{ name: "q" }] } } as Init,
      { ...all, match: {} } as Init,
      { match: prefix },
      { match: prefix, action: { case: "route", value: {} } },
    );
    expect(given.map((route) => route.kind === "unsupported" && route.reason)).toEqual([
      'virtual_hosts[0].routes[0] ("beta") has conditions on headers',
      "virtual_hosts[0].routes[1] has conditions on query parameters",
      "virtual_hosts[0].routes[2] matches by something else than a prefix or a path",
      "virtual_hosts[0].routes[3] does something else than forward calls",
      "virtual_hosts[0].routes[4] names its cluster by something else than a name or weights",
    ]);
  });

  it("has the headers whose hash decides", () => {
    const hashPolicy = [{ policySpecifier: { case: "header" as const, value: { headerName: "X-User" } } }, {}];
    expect(routes({ ...all, action: to("c", { hashPolicy }) } as Init)).toMatchObject([{ hashHeaders: ["x-user"] }]);
  });

  it.each<[string, Host, string]>([
    ["no match", { domains: ["*"], routes: [{ action: to("c") }] }, "virtual_hosts[0].routes[0]: has no match"],
    ["no domains", {}, "virtual_hosts[0]: has no domains"],
    ["a domain twice", { domains: ["a", "a"] }, `virtual_hosts[0].domains: expected each domain once in all, got "a"`],
    [
      "no weight at all",
      { domains: ["*"], routes: [weighted(0, undefined)] },
      "virtual_hosts[0].routes[0].route.weighted_clusters: expected weights of 1 to 4294967295 in all, got 0",
    ],
    ["weights of 2^32", { domains: ["*"], routes: [weighted(2 ** 32 - 1, 1)] }, "weights of 1 to 4294967295 in all, got 4294967296"],
    [
      "no retries",
      { domains: ["*"], retryPolicy: { numRetries: 0 } },
      "virtual_hosts[0].retry_policy.num_retries: expected 1 to 100, got 0",
    ],
    [
      "a backoff that shrinks",
      { domains: ["*"], retryPolicy: { retryBackOff: { baseInterval: { seconds: 2n }, maxInterval: { seconds: 1n } } } },
      "max_interval is below base_interval",
    ],
    ["no backoff", { domains: ["*"], retryPolicy: { retryBackOff: { baseInterval: {} } } }, "base_interval: expected more than 0, got 0"],
  ])("is refused with %s", (_, host, problem) => {
    expect(problems(host)[0]).toContain(problem);
  });
});

describe("repeats", () => {
  const retryPolicy = { retryOn: "5xx, unavailable,CANCELLED,reset", numRetries: 2, retryBackOff: { baseInterval: { nanos: 50_000_000 } } };
  const rules = { codes: ["cancelled", "unavailable"], maxAttempts: 3, baseMs: 50, maxMs: 500, perAttemptTimeoutMs: undefined };

  it("are those of the route, or else those of its host", () => {
    const own = { retryOn: "internal", perTryTimeout: { seconds: 1n } };
    const host = { domains: ["*"], retryPolicy, routes: [all, { ...all, action: to("c", { retryPolicy: own }) } as Init] };
    const expected = { codes: ["internal"], maxAttempts: 2, baseMs: 25, maxMs: 250, perAttemptTimeoutMs: 1_000 };
    expect(read(host).virtualHosts[0]?.routes).toMatchObject([{ retry: rules }, { retry: expected }]);
  });

  it("are none where no code of gRPC is named", () => {
    expect(routes({ ...all, action: to("c", { retryPolicy: { retryOn: "5xx" } }) } as Init)).toMatchObject([{ retry: undefined }]);
  });
});

describe("of several virtual hosts", () => {
  const given = read(
    ...["*", "*.shop", "*.b.shop", "a.*", "a.b.*", "a.b.shop", "A.C"].map((domain) => ({ name: domain, domains: [domain] })),
  );
  it.each([
    ["a.b.shop", "a.b.shop"],
    ["z.b.shop", "*.b.shop"],
    ["z.y.shop", "*.shop"],
    ["a.b.eu", "a.b.*"],
    ["a.z", "a.*"],
    ["a.c", "A.C"],
    ["z", "*"],
    [".shop", "*"],
    ["shop", "*"],
  ])("%s is for %s", (host, domain) => {
    expect(findVirtualHost(given, host)?.domains).toEqual([domain]);
  });

  it("none is for a name that none names", () => {
    expect(findVirtualHost(read({ domains: ["a"] }), "b")).toBeUndefined();
  });
});

describe("of several routes", () => {
  const path = (kind: "path" | "prefix", value: string) => ({ case: kind, value }) as const;
  const host = read({
    domains: ["*"],
    routes: [
      { match: { pathSpecifier: path("prefix", "/Beta/"), headers: [{ name: "x" }] }, action: to("beta") },
      { match: { pathSpecifier: path("path", "/A/One") }, action: to("exact") },
      {
        match: { pathSpecifier: path("prefix", "/a/"), caseSensitive: false, runtimeFraction: { defaultValue: { numerator: 10 } } },
        action: to("some"),
      },
      { match: { pathSpecifier: path("prefix", "/A/") }, action: to("rest") },
    ],
  }).virtualHosts[0];
  const taken = (text: string, chance: number) => {
    const route = host && findRoute(host, text, chance);
    return route?.kind === "forward" ? route.clusters[0]?.name : route?.kind;
  };

  it("the first that matches takes the call", () => {
    expect(
      ["/A/One", "/A/Two", "/A/Two", "/a/Two", "/B/Two", "/Beta/X"].map((text, index) => taken(text, index === 1 ? 0.09 : 0.1)),
    ).toEqual(["exact", "some", "rest", undefined, undefined, "unsupported"]);
  });
});
