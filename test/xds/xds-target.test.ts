import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { controlPlaneChannel } from "../../src/control-plane-channel.ts";
import type { AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import { RequestQueue } from "../../src/discovery/xds/request-queue.ts";
import { Cluster_LbPolicy } from "../../src/gen/envoy/config/cluster/v3/cluster_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../src/gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { ListenerSchema } from "../../src/gen/envoy/config/listener/v3/listener_pb.ts";
import { type BalancedTransport, type BalancedTransportOptions, balanced, createBalancedTransport } from "../../src/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { ConstantCaller } from "../control-plane/constant-caller.ts";
import { type BalancedClient, balancedClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import type { EchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { testPki } from "../support/test-pki.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { AdsServer, type AdsServerOptions } from "./ads-server.ts";
import { setCluster, setEndpoints, setListener, setRoutes } from "./service-resources.ts";

const name = "checkout.shop:8080";
const target = `xds:///${name}`;

const startPlane = async (options: AdsServerOptions = {}, from?: AdsServer) => use(await AdsServer.start(options, from));

function clientOf(plane: { readonly address: string }, xds: object = {}, options: BalancedTransportOptions = {}): BalancedClient {
  return balancedClient(target, { discovery: { xds: { controlPlane: plane.address, ...xds } }, ...options });
}

const ports = (transport: BalancedTransport) =>
  transport
    .inspect()
    .endpoints.map(({ endpoint }) => endpoint.port)
    .sort();

async function knows(transport: BalancedTransport, ...servers: readonly { readonly port: number }[]): Promise<void> {
  const wanted = JSON.stringify(servers.map(({ port }) => port).sort());
  await eventually(() => JSON.stringify(ports(transport)) === wanted);
}

/** How many connections this process has tried to make since, to whomever. */
function countDials(): () => number {
  let dials = 0;
  const onDial = () => void dials++;
  subscribe("net.client.socket", onDial);
  onTestFinished(() => void unsubscribe("net.client.socket", onDial));
  return () => dials;
}

describe.each<AdsVariant>(["delta", "sotw"])("a transport of an xds: target, %s", (variant) => {
  it("makes its first call to where the control plane says, and follows it from there", async () => {
    const plane = await startPlane({ variant });
    const fleet = use(await startEchoFleet(2));
    const [first, second] = fleet.servers as [EchoServer, EchoServer];
    setEndpoints(plane, name, [first]);
    const { client, transport } = clientOf(plane);
    expect(await client.echo({})).toMatchObject({ server: { name: "s0" } });
    setEndpoints(plane, name, [second]);
    await knows(transport, second);
    expect(await client.echo({})).toMatchObject({ server: { name: "s1" } });
    expect(transport.inspect().endpoints[0]?.endpoint.locality).toEqual({ region: "r", zone: "a" });
  });

  it("loses no call when the control plane dies, comes back, and has news", async () => {
    const plane = await startPlane({ variant });
    const fleet = use(await startEchoFleet(2));
    const [first, second] = fleet.servers as [EchoServer, EchoServer];
    setEndpoints(plane, name, [first]);
    // Little chance, so that it comes back soon.
    const { client, transport } = balancedClient(target, { random: () => 0.05, discovery: { xds: { controlPlane: plane.address } } });
    let isOver = false;
    let calls = 0;
    const caller = (async () => {
      for (; !isOver; calls++) await client.update({});
    })();
    await eventually(() => calls > 50);
    await plane.kill();
    await eventually(() => transport.inspect().sourceError !== undefined);
    expect(transport.inspect().sourceError).toMatch(
      /^control plane 127\.0\.0\.1:\d+ \(discovery\.xds\.controlPlane\) does not answer since 20.*Z: /,
    );
    const during = calls;
    await eventually(() => calls > during + 50);
    const heir = await startPlane({ variant, port: plane.port }, plane);
    await heir.until(() => heir.openStreams === 1);
    setEndpoints(heir, name, [second]);
    await knows(transport, second);
    isOver = true;
    await caller;
    expect(transport.inspect().sourceError).toBeUndefined();
  });

  it("loses no call when the control plane comes back empty, though half of the endpoints died meanwhile", async () => {
    const plane = await startPlane({ variant });
    const { servers } = use(await startEchoFleet(2));
    const [first, second] = servers as [EchoServer, EchoServer];
    setEndpoints(plane, name, servers);
    const { client, transport } = balancedClient(target, { random: () => 0.05, discovery: { xds: { controlPlane: plane.address } } });
    await client.echo({});
    await eventually(() => transport.inspect().endpoints.every(({ connectivity }) => connectivity === "ready"));
    const caller = use(new ConstantCaller(async () => (await client.echo({})).server?.name ?? "nobody"));
    await plane.kill();
    await first.kill();
    const heir = await startPlane({ variant, port: plane.port });
    await heir.until(() => heir.requests.length > 1);
    const { calls } = caller;
    await eventually(() => caller.calls > calls + 100);
    setEndpoints(heir, name, [second]);
    await knows(transport, second);
    expect(caller.failures).toEqual([]);
  });

  it("goes from the listener to routes, cluster and endpoints where it is told to, and follows each", async () => {
    const plane = await startPlane({ variant });
    const fleet = use(await startEchoFleet(2));
    const [first, second] = fleet.servers as [EchoServer, EchoServer];
    setListener(plane, name, "blue");
    setCluster(plane, "blue", "blue endpoints");
    setEndpoints(plane, "blue endpoints", [first]);
    const { client, transport } = clientOf(plane, { first: "listener" });
    expect(await client.echo({})).toMatchObject({ server: { name: "s0" } });
    setCluster(plane, "green", "green endpoints", Cluster_LbPolicy.LEAST_REQUEST);
    setEndpoints(plane, "green endpoints", [second]);
    setRoutes(plane, name, "green");
    await knows(transport, second);
    expect(await client.echo({})).toMatchObject({ server: { name: "s1" } });
    expect(transport.inspect().settings.policy).toMatchObject({ value: { name: "powerOfTwo" }, from: "discovery" });
  });
});

describe("a transport of an xds: target", () => {
  it("fails calls at once to what the control plane does not know, and makes them once it does again", async () => {
    const plane = await startPlane();
    const fleet = use(await startEchoFleet(1));
    const { client, transport } = clientOf(plane, {}, { shrinkGuard: false });
    expect((await failureOf(client.echo({}))).rawMessage).toContain("there is no such service");
    for (let round = 0; round < 2; round++) {
      setEndpoints(plane, name, fleet.servers);
      await eventually(() => transport.inspect().state === "open");
      await client.echo({});
      plane.remove(ClusterLoadAssignmentSchema, name);
      await eventually(() => transport.inspect().state === "noSuchService");
      expect((await failureOf(client.echo({}))).rawMessage).toContain("there is no such service");
    }
  });

  it("follows a listener that is deleted and made anew", async () => {
    const plane = await startPlane();
    const fleet = use(await startEchoFleet(1));
    setCluster(plane, "blue", name);
    setEndpoints(plane, name, fleet.servers);
    const { client, transport } = clientOf(plane, { first: "listener" }, { shrinkGuard: false });
    for (let round = 0; round < 2; round++) {
      setListener(plane, name, "blue");
      await eventually(() => transport.inspect().state === "open");
      await client.echo({});
      plane.remove(ListenerSchema, name);
      await eventually(() => transport.inspect().state === "noSuchService");
    }
  });

  it("keeps its endpoints when it is sent what can't be used, and says what that is", async () => {
    const plane = await startPlane();
    const fleet = use(await startEchoFleet(1));
    setEndpoints(plane, name, fleet.servers);
    const { client, transport } = clientOf(plane);
    await client.echo({});
    setEndpoints(plane, name, [{ port: 70_000 }]);
    await eventually(() => transport.inspect().sourceError !== undefined);
    expect(transport.inspect().sourceError).toMatch(
      /sends what can't be used, the last good endpoints stay in use: ClusterLoadAssignment "checkout.shop:8080": .*port_value/,
    );
    await plane.until(() => plane.requests.at(-1)?.errorDetail?.message.includes("port_value") === true);
    await client.echo({});
    setEndpoints(plane, name, fleet.servers);
    await eventually(() => transport.inspect().sourceError === undefined);
  });

  it("notices that the control plane hangs, loses no call for it, and hears of it again once it does not", async () => {
    const plane = await startPlane();
    const proxy = use(await startTcpProxy(plane.port));
    const fleet = use(await startEchoFleet(2));
    const [first, second] = fleet.servers as [EchoServer, EchoServer];
    setEndpoints(plane, name, [first]);
    const clock = manualClock();
    const xds = { controlPlane: proxy.address };
    const { client, transport } = balancedClient(target, { clock, discovery: { xds } });
    await client.echo({});
    /** Seconds pass, with a call in each, until it is so. */
    const secondsUntil = async (condition: () => boolean): Promise<number> => {
      for (let seconds = 0; seconds < 120; seconds++) {
        if (condition()) return seconds;
        clock.advance(1_000);
        await client.update({});
      }
      throw new Error("two minutes in vain");
    };
    proxy.stall();
    expect(await secondsUntil(() => transport.inspect().sourceError !== undefined)).toBeLessThanOrEqual(30);
    setEndpoints(plane, name, [second]);
    proxy.resume();
    await secondsUntil(() => ports(transport)[0] === second.port);
    expect(transport.inspect().sourceError).toBeUndefined();
  });

  it("says which control plane was asked when nobody answers", async () => {
    const gone = await AdsServer.start();
    await gone.kill();
    const { client } = balancedClient(target, { endpointsTimeoutMs: 400, discovery: { xds: { controlPlane: gone.address } } });
    const { rawMessage } = await failureOf(client.echo({}));
    expect(rawMessage).toMatch(
      new RegExp(`no endpoints for ${target} within 400 ms: control plane ${gone.address} .* does not answer since .*ECONNREFUSED`),
    );
  });

  it("takes nothing for missing that nobody was asked for: a stream asks for requests once it can send them", async () => {
    const gone = await AdsServer.start();
    await gone.kill();
    const channel = controlPlaneChannel(() => createBalancedTransport(`static:///${gone.address}`, { protocol: "grpc" }));
    let isPulled = false;
    const requests = new RequestQueue(() => (isPulled = true));
    const stream = channel.open("delta", requests, new AbortController().signal);
    await failureOf((async () => (await Array.fromAsync(stream)).length)());
    await channel.close();
    expect(isPulled).toBe(false);
  });

  it("shares one stream with all others of the same control plane, which closes with the last", async () => {
    const plane = await startPlane();
    const fleet = use(await startEchoFleet(1));
    setEndpoints(plane, name, fleet.servers);
    const one = clientOf(plane);
    const other = clientOf(plane);
    await Promise.all([one.client.echo({}), other.client.echo({})]);
    expect(plane.openStreams).toBe(1);
    await one.transport.close();
    await other.client.echo({});
    expect(plane.openStreams).toBe(1);
    await other.transport.close();
    await plane.until(() => plane.openStreams === 0);
  });

  it("dials two of many replicas, and keeps the connection of its stream alone", async () => {
    const planes = await Promise.all(Array.from({ length: 6 }, () => startPlane()));
    const fleet = use(await startEchoFleet(1));
    for (const plane of planes) setEndpoints(plane, name, fleet.servers);
    const clock = manualClock();
    const xds = { controlPlane: `static:///${planes.map(({ address }) => address).join()}` };
    const { client } = balancedClient(target, { clock, discovery: { xds } });
    await client.echo({});
    const connections = () => planes.reduce((sum, plane) => sum + plane.connections, 0);
    await eventually(() => connections() === 2);
    clock.advance(10_000);
    await eventually(() => connections() === 1);
    expect(planes.filter(({ openStreams }) => openStreams === 1)).toHaveLength(1);
  });

  it("does not dial a control plane that went before its stream is due: all its clients would, in the same moment", async () => {
    const plane = await startPlane();
    const fleet = use(await startEchoFleet(1));
    setEndpoints(plane, name, fleet.servers);
    const clock = manualClock();
    const xds = { controlPlane: plane.address };
    const { client } = balancedClient(target, { clock, random: () => 0.5, discovery: { xds } });
    await client.echo({});
    const dials = countDials();
    await plane.kill();
    const heir = await startPlane({ port: plane.port }, plane);
    for (let call = 0; call < 50; call++) await client.echo({});
    clock.advance(999);
    for (let call = 0; call < 50; call++) await client.echo({});
    expect([dials(), heir.connections]).toEqual([0, 0]);
    clock.advance(1);
    await eventually(() => heir.openStreams === 1);
  });

  it("finds the control plane by gRPC's bootstrap, and goes the way of gRPC's clients", async () => {
    const plane = await startPlane();
    const fleet = use(await startEchoFleet(1));
    setListener(plane, name, "blue");
    setCluster(plane, "blue", name);
    setEndpoints(plane, name, fleet.servers);
    const bootstrap = { xds_servers: [{ server_uri: plane.address, channel_creds: [{ type: "insecure" }] }], node: { id: "me" } };
    vi.stubEnv("GRPC_XDS_BOOTSTRAP_CONFIG", JSON.stringify(bootstrap));
    onTestFinished(() => void vi.unstubAllEnvs());
    const { client } = balancedClient(target);
    await client.echo({});
    expect(plane.requests[0]).toMatchObject({ typeUrl: expect.stringContaining("Listener"), node: { id: "me" } });
  });

  it("speaks TLS to the control plane as it is told to, and h2c to the servers", async () => {
    const pki = await testPki();
    const plane = await startPlane({ tls: await pki.issueFor({ ips: ["127.0.0.1"] }) });
    const fleet = use(await startEchoFleet(1));
    setEndpoints(plane, name, fleet.servers);
    const { client } = clientOf(plane, { tls: { ca: pki.ca } });
    await client.echo({});
  });

  it("is refused with TLS options that can't be used", () => {
    const xds = { controlPlane: "127.0.0.1:1", tls: { ca: "/etc/ca.pem" } };
    expect(() => createBalancedTransport(target, { discovery: { xds } })).toThrow(/tls\.ca: expected a certificate in PEM/);
  });

  it("is there for existing clients too, with the node that was given", async () => {
    const plane = await startPlane();
    const fleet = use(await startEchoFleet(1));
    setEndpoints(plane, name, fleet.servers);
    const xds = { controlPlane: plane.address, node: { id: "me", locality: { zone: "b" }, metadata: { team: "shop" } } };
    const options = { baseUrl: `http://checkout.shop`, httpVersion: "2" as const };
    const transport = use(balanced(createConnectTransport, options, { target, discovery: { xds } }));
    await transport.ready();
    expect(plane.requests[0]?.node).toMatchObject({
      id: "me",
      userAgentName: "meshless",
      locality: { zone: "b" },
      metadata: { team: "shop" },
    });
  });
});
