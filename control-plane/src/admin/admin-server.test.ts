import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../../src/gen/grpc/health/v1/health_pb.ts";
import { TestClient } from "../../../test/control-plane/test-client.ts";
import { use } from "../../../test/support/use.ts";
import { createControlPlane } from "../create-control-plane.ts";
import { ClientStatusDiscoveryService } from "../gen/envoy/service/status/v3/csds_pb.ts";
import { memoryRegistry } from "../registry/memory-registry.ts";

async function listening(registry = memoryRegistry({ "a.b:80": { endpoints: ["10.0.0.1:80", "127.0.0.1:80"] } })) {
  const controlPlane = use(createControlPlane({ registry }));
  const port = await controlPlane.listen("127.0.0.1:0");
  const admin = `http://127.0.0.1:${await controlPlane.listenAdmin("127.0.0.1:0")}`;
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${admin}${path}`, init);
    return { status: response.status, text: await response.text() };
  };
  const health = createClient(Health, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
  return { controlPlane, port, admin, get, health };
}

const fetchStatus = "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus";

describe("the admin of a control plane", () => {
  it("is alive at once, and ready when the registry is complete, until it drains", async () => {
    const registry = memoryRegistry({}, false);
    const { get, controlPlane, health } = await listening(registry);
    const statuses = async () => [(await get("/livez")).status, (await get("/readyz")).status, (await health.check({})).status];
    expect(await statuses()).toEqual([200, 503, Status.NOT_SERVING]);
    registry.complete();
    expect(await statuses()).toEqual([200, 200, Status.SERVING]);
    const watched = health.watch({})[Symbol.asyncIterator]();
    expect((await watched.next()).value?.status).toBe(Status.SERVING);
    const drained = controlPlane.drain(50);
    expect((await watched.next()).value?.status).toBe(Status.NOT_SERVING);
    await drained;
  });

  it("knows the health of what it serves, and of nothing else", async () => {
    const { health } = await listening();
    const service = "envoy.service.discovery.v3.AggregatedDiscoveryService";
    expect((await health.check({ service })).status).toBe(Status.SERVING);
    expect(Object.keys((await health.list({})).statuses)).toEqual(["", service]);
    await expect(health.check({ service: "x" })).rejects.toThrow(/not_found/);
    expect((await health.watch({ service: "x" })[Symbol.asyncIterator]().next()).value?.status).toBe(Status.SERVICE_UNKNOWN);
  });

  it("has an address for probes and metrics alone, which does not tell who the clients are", async () => {
    const { controlPlane } = await listening();
    const probes = `http://127.0.0.1:${await controlPlane.listenProbes("127.0.0.1:0")}`;
    const statusOf = async (path: string, init: RequestInit = {}) => (await fetch(`${probes}${path}`, init)).status;
    expect([await statusOf("/livez"), await statusOf("/readyz"), await statusOf("/metrics")]).toEqual([200, 200, 200]);
    const asked = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    expect([await statusOf(fetchStatus, asked), await statusOf(fetchStatus)]).toEqual([404, 404]);
  });

  it("answers those who ask for no more than the status", async () => {
    const { get } = await listening();
    const head = async (path: string) => (await get(path, { method: "HEAD" })).status;
    expect([await head("/livez"), await head("/readyz"), await head("/metrics")]).toEqual([200, 200, 200]);
  });

  it("measures what it serves, for Prometheus", async () => {
    const { get, port } = await listening();
    const client = new TestClient(port);
    await client.delta(true, "a.b:80").next();
    const { text } = await get("/metrics");
    for (const line of [
      /^meshless_control_plane_streams\{variant="delta".*\} 1$/m,
      /^meshless_control_plane_responses_total\{type="endpoints",variant="delta".*\} 1$/m,
      /^meshless_control_plane_registry_services(\{.*\})? 1$/m,
      /^meshless_control_plane_registry_endpoints(\{.*\})? 1$/m,
      /^meshless_control_plane_registry_refused_endpoints(\{.*\})? 1$/m,
      /^meshless_control_plane_registry_complete(\{.*\})? 1$/m,
    ]) {
      expect(text).toMatch(line);
    }
    client.cancel();
  });

  it("says who is subscribed to what, in which version, and whether it is accepted", async () => {
    const { admin, port } = await listening();
    const client = new TestClient(port);
    const texts = client.delta(true, "a.b:80", "x.y:80");
    await texts.next();
    const csds = createClient(ClientStatusDiscoveryService, createConnectTransport({ baseUrl: admin, httpVersion: "1.1" }));
    const { config } = await csds.fetchClientStatus({});
    expect(config.map(({ node }) => node?.id)).toEqual(["test"]);
    expect(config[0]?.genericXdsConfigs).toMatchObject([
      { name: "a.b:80", versionInfo: expect.stringMatching(/^[0-9a-f]{16}$/) },
      { name: "x.y:80", versionInfo: "" },
    ]);
    expect((await csds.fetchClientStatus({ node: { id: "another" } })).config).toEqual([]);
    client.cancel();
  });

  it("tells that to nobody who comes by a name of theirs", async () => {
    const { get, admin } = await listening();
    const post = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    expect((await get(fetchStatus, post)).status).toBe(200);
    const { hostname, port } = new URL(admin);
    const { request } = await import("node:http");
    const status = await new Promise((resolve) => {
      const headers = { ...post.headers, host: "evil.example" };
      request({ hostname, port, path: fetchStatus, method: "POST", headers }, ({ statusCode }) => resolve(statusCode)).end("{}");
    });
    expect(status).toBe(403);
  });

  it("has nothing else", async () => {
    const { get } = await listening();
    expect((await get("/x")).status).toBe(404);
    expect((await get("/livez", { method: "DELETE" })).status).toBe(404);
  });
});
