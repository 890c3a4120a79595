import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../endpoint.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { Lookup, Resolution } from "./resolution.ts";
import { resolveListener } from "./resolve-listener.ts";
import type { ClusterSource, XdsCluster } from "./to-cluster.ts";
import type { XdsRoute } from "./to-routes.ts";
import type { Known } from "./xds-client.ts";
import type { XdsResource } from "./xds-kinds.ts";

const all: XdsRoute = {
  kind: "forward",
  path: { kind: "prefix", text: "", isCaseSensitive: true },
  share: 1,
  clusters: [{ name: "c", weight: 1 }],
  retry: undefined,
  hashHeaders: [],
};

type World = Record<string, XdsResource | "missing">;

/** Resources by kind and name; what is not there is being waited for. */
function resolve(world: World): Resolution {
  const lookup: Lookup = <Value extends XdsResource>({ typeUrl }: { typeUrl: string }, name: string): Known<Value> => {
    const found = world[`${typeUrl.split(".").at(-1)} ${name}`];
    if (found === undefined) return { kind: "waiting", refusal: undefined };
    if (found === "missing") return { kind: "missing", reason: "removed", refusal: undefined };
    return { kind: "found", value: found as Value, refusal: undefined };
  };
  return resolveListener(lookup, "shop");
}

function listenerTo(...routes: XdsRoute[]): World {
  const virtualHosts = [
    { domains: ["other"], routes: [] },
    { domains: ["*"], routes },
  ];
  return { "Listener shop": { kind: "listener", name: "shop", routes: { kind: "routes", name: "inline", virtualHosts } } };
}

function cluster(name: string, source: ClusterSource, rest: Partial<XdsCluster> = {}): World {
  const none = { outlierDetection: undefined, maxRequests: undefined, retryBudget: undefined, panicThreshold: undefined };
  const policy = { name: "round_robin" } as const;
  return { [`Cluster ${name}`]: { kind: "cluster", name, source, policy, transportSocket: undefined, ...none, ...rest } };
}

const eds = (name: string) => cluster(name, { kind: "eds", serviceName: name });
const toClusters = (...clusters: [name: string, weight: number][]): XdsRoute => ({
  ...all,
  clusters: clusters.map(([name, weight]) => ({ name, weight })),
});

/** Endpoints with these ports, weights and priorities. */
function endpoints(name: string, ...list: [port: number, weight: number, priority: number][]): World {
  return assignment(
    name,
    list.map(([port, weight, priority]) => testEndpoint({ id: `${port}`, port, weight, priority })),
  );
}

function assignment(name: string, found: readonly Endpoint[]): World {
  const unsaid = { overprovisioningFactor: undefined, config: undefined, place: undefined };
  return { [`ClusterLoadAssignment ${name}`]: { kind: "endpoints", name, endpoints: found, drops: [], ...unsaid } };
}

const shape = (resolution: Resolution) =>
  resolution.kind === "resolved" ? resolution.endpoints.map(({ port, weight, priority }) => [port, weight, priority]) : resolution;

describe("the way from a listener to endpoints", () => {
  it("waits for each resource on it", () => {
    const steps = [listenerTo(all), eds("c"), endpoints("c", [1, 1, 0])];
    for (let known = 0; known < steps.length; known++) {
      expect(resolve(Object.assign({}, ...steps.slice(0, known)))).toEqual({ kind: "waiting" });
    }
    expect(shape(resolve(Object.assign({}, ...steps)))).toEqual([[1, 1, 0]]);
  });

  it("ends where the listener is missing, and is troubled where anything behind it is", () => {
    expect(resolve({ "Listener shop": "missing" })).toMatchObject({ kind: "missing" });
    expect(
      resolve({
        "Listener shop": { kind: "listener", name: "shop", routes: { kind: "named", name: "r" } },
        "RouteConfiguration r": "missing",
      }),
    ).toMatchObject({
      kind: "unusable",
      problem: expect.stringContaining('no routes by the name "r"'),
    });
    expect(resolve({ ...listenerTo(all), "Cluster c": "missing" })).toMatchObject({ problem: expect.stringContaining('no cluster "c"') });
    expect(resolve({ ...listenerTo(all), ...eds("c"), "ClusterLoadAssignment c": "missing" })).toMatchObject({
      problem: expect.stringContaining('no endpoints by the name "c"'),
    });
  });

  it("is troubled by routes that it can't follow, rather than send calls elsewhere", () => {
    const problemOf = (...routes: XdsRoute[]) => resolve({ ...listenerTo(...routes), ...eds("c"), ...endpoints("c", [1, 1, 0]) });
    const some = { ...all, path: { kind: "exact" as const, text: "/a.B/C", isCaseSensitive: true } };
    expect(problemOf(some, all)).toMatchObject({ kind: "unusable", problem: expect.stringContaining("tell methods apart") });
    expect(problemOf({ ...all, share: 0.5 }, all)).toMatchObject({ kind: "unusable" });
    expect(problemOf({ kind: "unsupported", reason: "routes[0] has conditions on headers", path: undefined }, all)).toMatchObject({
      problem: "its routes[0] has conditions on headers, which is not followed",
    });
    expect(problemOf()).toMatchObject({ problem: expect.stringContaining("has no route") });
    expect(problemOf(all, some)).toMatchObject({ kind: "resolved" });
  });

  it("divides weighted clusters' weights among their endpoints, at each priority", () => {
    const world = {
      ...listenerTo(toClusters(["a", 90], ["b", 10])),
      ...eds("a"),
      ...eds("b"),
      ...endpoints("a", [1, 1, 0], [2, 2, 0], [3, 5, 1]),
      ...endpoints("b", [4, 7, 0], [1, 0, 1]),
    };
    expect(shape(resolve({ ...world, ...endpoints("b", [4, 7, 0]) }))).toEqual([
      [1, 30, 0],
      [2, 60, 0],
      [3, 90, 1],
      [4, 10, 0],
    ]);
  });

  it("lines the clusters of an aggregate up as priorities without gaps, leaves out those that can't be used, and keeps who is in two in the first", () => {
    const world = {
      ...listenerTo(all),
      ...cluster("c", { kind: "aggregate", clusters: ["a", "gone", "b"] }, { panicThreshold: 0.2 }),
      ...eds("a"),
      ...eds("b"),
      ...endpoints("a", [1, 1, 0], [2, 1, 1]),
      ...endpoints("b", [1, 1, 0], [3, 1, 1]),
    };
    expect(resolve(world)).toEqual({ kind: "waiting" });
    const resolved = resolve({ ...world, "Cluster gone": "missing" });
    expect(shape(resolved)).toEqual([
      [1, 1, 0],
      [2, 1, 1],
      [3, 1, 2],
    ]);
    expect(resolved).toMatchObject({ config: { policy: { name: "roundRobin" }, panicThreshold: 0.2 } });
  });

  it.each([
    ["an aggregate", { ...listenerTo(all), ...cluster("c", { kind: "aggregate", clusters: ["a", "b"] }) }],
    ["weighted clusters", listenerTo(toClusters(["a", 1], ["b", 1]))],
  ])("keeps endpoints of %s apart that have one id and two addresses", (_, world) => {
    const found = { ...endpoints("a", [1, 1, 0]), ...assignment("b", [testEndpoint({ id: "1", port: 2 })]) };
    const resolved = resolve({ ...world, ...eds("a"), ...eds("b"), ...found });
    expect(resolved.kind === "resolved" && resolved.endpoints.map(({ id, port }) => [id, port])).toEqual([
      ["1", 1],
      ["b 1", 2],
    ]);
  });

  it("gives up at once on clusters that are made of each other", () => {
    const names = Array.from({ length: 100 }, (_, index) => `c${index}`);
    const loops = names.map((name) => cluster(name, { kind: "aggregate", clusters: names }));
    const loop = { ...listenerTo(toClusters(["c0", 1])), ...Object.assign({}, ...loops) };
    expect(resolve(loop)).toMatchObject({ kind: "unusable" });
    const itself = { ...listenerTo(all), ...cluster("c", { kind: "aggregate", clusters: ["c"] }) };
    expect(resolve(itself)).toMatchObject({ kind: "unusable", problem: expect.stringContaining("made of itself") });
  });

  it("gives up on clusters that are nested deeper than gRPC allows", () => {
    const chain = Array.from({ length: 100 }, (_, index) => cluster(`c${index}`, { kind: "aggregate", clusters: [`c${index + 1}`] }));
    const world = { ...listenerTo(toClusters(["c0", 1])), ...Object.assign({}, ...chain) };
    expect(resolve(world)).toMatchObject({ kind: "unusable", problem: expect.stringContaining("nested deeper than 16") });
  });
});
