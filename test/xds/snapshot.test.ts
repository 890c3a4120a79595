import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ClusterLoadAssignmentSchema } from "../../src/gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import type { BalancedTransport, BalancedTransportOptions } from "../../src/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import type { EchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { AdsServer } from "./ads-server.ts";
import { setEndpoints } from "./service-resources.ts";

const name = "checkout.shop:8080";

/** A control plane, behind a proxy, that told a client of a server, which the client keeps in a file, and another server. */
async function setUp() {
  const directory = await mkdtemp(join(tmpdir(), "meshless-snapshot-"));
  // Tried again while the last write, for which nobody waits, is under way.
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 10 }));
  const path = join(directory, "endpoints.json");
  const plane = use(await AdsServer.start());
  const proxy = use(await startTcpProxy(plane.port));
  const { servers } = use(await startEchoFleet(2));
  const [first, second] = servers as [EchoServer, EchoServer];
  const clientOf = (options: BalancedTransportOptions = {}, xds: object = {}) =>
    balancedClient(`xds:///${name}`, { ...options, discovery: { xds: { controlPlane: proxy.address, snapshotFile: path, ...xds } } });
  setEndpoints(plane, name, [first]);
  const before = clientOf();
  await before.client.echo({});
  await before.transport.close();
  await written(path);
  return { directory, path, plane, proxy, first, second, clientOf };
}

/** Closing begins a write, and nobody waits for it. */
async function written(path: string, what = ""): Promise<string> {
  for (;;) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text.includes(what) && text !== "") return text;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const noticesOf = (transport: BalancedTransport) => transport.inspect().notices.map(({ message }) => message);

describe("a process that starts while the control plane is gone", () => {
  it("makes its first call to the endpoints of the snapshot file, and says how old they are", async () => {
    const { proxy, path, clientOf } = await setUp();
    const document = JSON.parse(await readFile(path, "utf8"));
    document.services[0].savedAtMs -= 3_600_000;
    await writeFile(path, JSON.stringify(document));
    await proxy.down();
    const { client, transport } = clientOf();
    expect(await client.echo({})).toMatchObject({ server: { name: "s0" } });
    const { snapshotAgeMs = 0, sourceError } = transport.inspect();
    expect(snapshotAgeMs).toBeGreaterThanOrEqual(3_600_000);
    expect(snapshotAgeMs).toBeLessThan(3_700_000);
    expect(sourceError).toMatch(
      /^control plane 127.* does not answer since 20.*ECONNREFUSED.*; the endpoints of 20\S+Z are in use, from the snapshot file \S+endpoints\.json$/,
    );
  });

  it("takes the live answer at once when there is one, and keeps it", async () => {
    const { plane, proxy, path, second, clientOf } = await setUp();
    await proxy.down();
    const { client, transport } = clientOf({ random: () => 0.05 });
    await client.echo({});
    setEndpoints(plane, name, [second]);
    await proxy.up();
    await eventually(() => transport.inspect().endpoints.every(({ endpoint }) => endpoint.port === second.port));
    expect(await client.echo({})).toMatchObject({ server: { name: "s1" } });
    expect(transport.inspect().snapshotAgeMs).toBeUndefined();
    expect(transport.inspect().sourceError).toBeUndefined();
    await written(path, `"port":${second.port}`);
  });

  it("fails its calls with what happened where there is no file yet, and has nothing to say of it", async () => {
    const { proxy, path, clientOf } = await setUp();
    await proxy.down();
    await rm(path);
    const { client, transport } = clientOf({ endpointsTimeoutMs: 300 });
    expect((await failureOf(client.echo({}))).rawMessage).toMatch(
      /^no endpoints for xds:.* within 300 ms: control plane 127.* does not answer since .*ECONNREFUSED/,
    );
    expect(noticesOf(transport)).toEqual([]);
  });
});

it("a control plane that hangs is waited for a second, and then the file is used", async () => {
  const { proxy, clientOf } = await setUp();
  proxy.stall();
  const clock = manualClock();
  const accepted = proxy.accepted();
  const { client, transport } = clientOf({ clock });
  const call = client.echo({});
  await proxy.until(() => proxy.accepted() > accepted);
  clock.advance(999);
  await new Promise((resolve) => setImmediate(resolve));
  expect(transport.inspect().state).toBe("waiting");
  clock.advance(1);
  expect(await call).toMatchObject({ server: { name: "s0" } });
  expect(transport.inspect().sourceError).toMatch(/^within 1000 ms nothing came from control plane 127.*; the endpoints of/);
});

it("a control plane that answers, and says nothing of the service, is no reason to leave the file", async () => {
  const { plane, second, clientOf } = await setUp();
  await plane.kill();
  // In the state of the world it can't say that there is no such service: after 15 s without a word, that is taken for granted.
  const ignorant = use(await AdsServer.start({ port: plane.port, variant: "sotw" }));
  const clock = manualClock();
  const { client, transport } = clientOf({ clock });
  const call = client.echo({});
  await ignorant.until(() => ignorant.requests.length > 0);
  clock.advance(1_000);
  expect(await call).toMatchObject({ server: { name: "s0" } });
  // Little by little, so that pings are answered in between.
  const later = (condition: () => boolean) =>
    eventually(() => {
      clock.advance(50);
      return condition();
    });
  await later(() => /answers, and says nothing of "checkout\.shop:8080"; the endpoints of/.test(transport.inspect().sourceError ?? ""));
  expect(transport.inspect()).toMatchObject({ state: "open", snapshotAgeMs: expect.any(Number) });
  expect(await client.echo({})).toMatchObject({ server: { name: "s0" } });
  setEndpoints(ignorant, name, [second]);
  await later(() => transport.inspect().snapshotAgeMs === undefined);
});

describe("a file that is of no use is ignored, and a notice says why:", () => {
  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ["one that is cut off", async (path) => writeFile(path, (await readFile(path, "utf8")).slice(0, -20)), /JSON/],
    ["an empty one", (path) => writeFile(path, ""), /JSON/],
    ["bytes that are no text", (path) => writeFile(path, Buffer.from([0xff, 0xfe, 0x00, 0x80])), /decode|encoded|utf-8/i],
    [
      "one of an older format",
      (path) => writeFile(path, '{"format":"meshless-xds-snapshot-0","services":[]}'),
      /format: expected "meshless-xds-snapshot-1"/,
    ],
    ["a huge one", (path) => writeFile(path, Buffer.alloc(33 * 1024 * 1024, 0x20)), /larger than 33554432 bytes/],
    ["a directory", (path) => rm(path).then(() => mkdir(path)), /not a regular file/],
    [
      "one of other services",
      async (path) => writeFile(path, (await readFile(path, "utf8")).replace(`"${name}"`, '"cart.shop:8080"')),
      /it has "cart\.shop:8080" of "static:\S+", and not checkout\.shop:8080 of/,
    ],
    [
      "one with a metadata service in it",
      async (path) => writeFile(path, (await readFile(path, "utf8")).replaceAll('"127.0.0.1"', '"169.254.169.254"')),
      /expected an address that may be an endpoint, got "169\.254\.169\.254"/,
    ],
  ])("%s", async (_, spoil, problem) => {
    const { proxy, path, clientOf } = await setUp();
    await proxy.down();
    await spoil(path);
    const { client, transport } = clientOf({ endpointsTimeoutMs: 300 });
    expect((await failureOf(client.echo({}))).rawMessage).toContain("does not answer since");
    await eventually(() => noticesOf(transport).length === 1);
    expect(noticesOf(transport)[0]).toMatch(new RegExp(`^the snapshot file ${path} is ignored: .*${problem.source}`, "is"));
  });
});

it("the file is its owner's alone, and no draft of it is left behind", async () => {
  const { directory, path } = await setUp();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(["endpoints.json"]);
});

it("a file that can't be written costs no call, and a notice says why", async () => {
  const { directory, first, second, plane, clientOf } = await setUp();
  const { client, transport } = clientOf({}, { snapshotFile: join(directory, "missing", "endpoints.json") });
  await client.echo({});
  setEndpoints(plane, name, [first, second]);
  await eventually(() => noticesOf(transport).length === 1);
  expect(noticesOf(transport)[0]).toMatch(/is not written: ENOENT.*is its directory there, and writable\?/s);
  await client.echo({});
});

it("two services share a file, and an empty set does not take the place of a good one", async () => {
  const { path, plane, proxy, first, second, clientOf } = await setUp();
  const cart = "cart.shop:8080";
  setEndpoints(plane, cart, [second]);
  const options = { discovery: { xds: { controlPlane: proxy.address, snapshotFile: path } } };
  const other = balancedClient(`xds:///${cart}`, options);
  await other.client.echo({});
  const { client, transport } = clientOf({ shrinkGuard: false });
  await client.echo({});
  plane.set(ClusterLoadAssignmentSchema, name, { clusterName: name });
  await eventually(() => transport.inspect().endpoints.length === 0);
  await Promise.all([other.transport.close(), transport.close()]);
  const { services } = JSON.parse(await written(path, cart));
  const ports = services.map(({ service, endpoints }: { service: string; endpoints: { port: number }[] }) => [service, endpoints[0]?.port]);
  expect(Object.fromEntries(ports)).toEqual({ [name]: first.port, [cart]: second.port });
});
