import { once } from "node:events";
import { request } from "node:http";
import { expect, test } from "vitest";
import { use } from "../support/use.ts";
import { cart, checkout, checkoutOf, mail, openWatchedPlane, reason, type WatchedPlane } from "./watched-plane.ts";

/** Snapshots are taken at a pace. @returns the first that is so */
async function until(plane: WatchedPlane, isSo: (snapshot: Awaited<ReturnType<WatchedPlane["snapshot"]>>) => boolean, query = "") {
  for (const endsAtMs = performance.now() + 10_000; performance.now() < endsAtMs; ) {
    const snapshot = await plane.snapshot(query);
    if (isSo(snapshot)) return snapshot;
    await new Promise((resolve) => setTimeout(resolve, snapshot.nextInMs));
  }
  throw new Error("no such snapshot within 10 s");
}

test("the snapshot says which services there are, where they are, and who has them", async () => {
  const plane = use(await openWatchedPlane(30));
  const { registry, services, streams } = await until(plane, ({ refusing }) => refusing === 1);
  expect(registry).toMatchObject({ isComplete: true, troubles: [], services: 3, endpoints: 32, refusedEndpoints: 1 });
  expect(streams).toBe(3);
  expect(services.map(({ name }) => name)).toEqual([checkout, cart, mail]);
  expect(services[0]).toMatchObject({
    portName: "grpc",
    fallback: [cart],
    endpoints: { healthy: 28, draining: 1, unhealthy: 1 },
    clients: { asking: 3, refusing: 1, behind: 0 },
  });
  const places = services[0]?.places.map(({ zone, cluster, endpoints }) => `${zone} ${cluster}: ${endpoints.healthy}`);
  expect(places?.slice(0, 3).sort()).toEqual(["eu-1a : 9", "eu-1b : 7", "eu-1c : 9"]);
  expect(places?.slice(3).sort()).toEqual(["eu-1a west: 1", "eu-1b west: 1", "eu-1c west: 1"]);
});

test("who refuses what it was sent comes first, with its reason; the others have a version", async () => {
  const plane = use(await openWatchedPlane(3));
  const { clients, service } = await until(plane, ({ refusing }) => refusing === 1, `service=${checkout}`);
  expect(clients.map(({ node, standing, variant, zone }) => [node, standing, variant, zone])).toEqual([
    ["report-0", "refused", "delta", "eu-1c"],
    ["storefront-7f9c", "current", "delta", "eu-1a"],
    ["storefront-b21d", "current", "sotw", "eu-1b"],
  ]);
  expect(clients[0]?.types).toMatchObject([{ type: "endpoints", names: 1, refusal: reason }]);
  expect(service).toMatchObject({ name: checkout, version: expect.stringMatching(/^[0-9a-f]{16}$/), endpoints: { length: 3 } });
  expect(clients.map(({ has }) => has)).toEqual([service?.version, service?.version, service?.version]);
});

test("with a service, those alone are listed who ask for it; of one that is gone there is nothing, and all are listed again", async () => {
  const plane = use(await openWatchedPlane(3));
  const { clients } = await plane.snapshot(`service=${cart}`);
  expect(clients.map(({ node }) => node)).toEqual(["storefront-7f9c"]);
  const gone = await plane.snapshot("service=x.y:1");
  expect([gone.service, gone.clients.length]).toEqual([undefined, 3]);
});

test("a change is timed until clients have accepted it; one that changes nothing is none", async () => {
  const plane = use(await openWatchedPlane(3));
  plane.registry.set(checkout, checkoutOf(3));
  plane.registry.set(cart, { endpoints: ["10.9.0.3:8080"] });
  const { propagation, clients } = await until(plane, ({ propagation }) => propagation.changes > 0);
  // The one of those who ask for it; what others are told of checkout's fallback is the same as before, or is a change as well.
  expect(propagation.p50Ms).toBeGreaterThanOrEqual(0);
  expect(propagation.maxMs).toBeLessThan(5_000);
  expect(clients.filter(({ propagatedMs }) => propagatedMs !== undefined).map(({ node }) => node)).toContain("storefront-7f9c");
  expect(clients.find(({ node }) => node === "report-0")?.propagatedMs).toBeUndefined();
});

test("what clients report of their calls is joined, by service and zone", async () => {
  const plane = use(await openWatchedPlane(3));
  await plane.report(checkout, "eu-1a", 90n, 10n);
  await plane.report(checkout, "eu-1b", 100n, 0n);
  const { load, services, service } = await until(plane, ({ load }) => load.successShare !== undefined, `service=${checkout}`);
  expect(load).toMatchObject({ successShare: 0.95 });
  expect(load.callsPerSecond).toBeGreaterThan(0);
  expect(services[0]?.load).toEqual(load);
  expect(service?.loadByZone).toMatchObject([
    { region: "eu", zone: "eu-1a", successShare: 0.9 },
    { region: "eu", zone: "eu-1b", successShare: 1 },
  ]);
});

test("page and snapshot are for those who come by address or as localhost, and from no other site; probes and metrics are for all", async () => {
  const plane = use(await openWatchedPlane(3));
  const statusOf = async (path: string, headers: Record<string, string>, method = "GET") => {
    const { hostname, port } = new URL(plane.admin);
    const asked = request({ host: hostname, port, path, headers, method, agent: false });
    asked.end();
    const [response] = await once(asked, "response");
    response.resume();
    return response.statusCode as number;
  };
  for (const path of ["/", "/snapshot.json"]) {
    expect(await statusOf(path, { host: "10.0.0.7:18001" })).toBe(200);
    expect(await statusOf(path, { host: "localhost:18001" })).toBe(200);
    expect(await statusOf(path, { host: "evil.example:18001" })).toBe(403);
    expect(await statusOf(path, { host: "localhost:18001", origin: "http://evil.example" })).toBe(403);
    expect(await statusOf(path, { host: "localhost:18001" }, "POST")).toBe(405);
  }
  for (const path of ["/livez", "/readyz", "/metrics"]) expect(await statusOf(path, { host: "control-plane.infra:18001" })).toBe(200);
  const { headers } = await fetch(plane.admin);
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'sha256-/);
  expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
});
