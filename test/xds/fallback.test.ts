import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import { type BalancedClient, balancedClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import type { EchoServer } from "../support/echo-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { AdsServer, type AdsServerOptions } from "./ads-server.ts";
import { setCluster, setEndpoints, setListener } from "./service-resources.ts";

const name = "checkout.shop:8080";
const target = `xds:///${name}`;

const startPlane = async (options: AdsServerOptions = {}, from?: AdsServer) => use(await AdsServer.start(options, from));

/** Its port is free again. */
async function deadPlane(options: AdsServerOptions = {}): Promise<AdsServer> {
  const plane = await AdsServer.start(options);
  await plane.kill();
  return plane;
}

async function twoServers(): Promise<readonly [EchoServer, EchoServer]> {
  return use(await startEchoFleet(2)).servers as [EchoServer, EchoServer];
}

/** Little chance, so that it comes back soon; the same for all, so that they share their streams. */
const random = () => 0.05;

function clientOf(planes: readonly AdsServer[], of = target): BalancedClient {
  return balancedClient(of, { random, discovery: { xds: { controlPlane: planes.map(({ address }) => address) } } });
}

const nameOf = async ({ client }: BalancedClient) => (await client.echo({})).server?.name;

describe.each<AdsVariant>(["delta", "sotw"])("a transport with two control planes, %s", (variant) => {
  it("starts with the second while the first is down, says so, and returns without a failed call once the first answers", async () => {
    const [first, second] = await twoServers();
    const dead = await deadPlane({ variant });
    const fallback = await startPlane({ variant });
    setEndpoints(fallback, name, [second]);
    const balanced = clientOf([dead, fallback]);
    expect(await nameOf(balanced)).toBe("s1");
    expect(balanced.transport.inspect().sourceError).toMatch(
      /^control plane 127\.0\.0\.1:\d+ \(.*\) does not answer since 20.*Z: .*; control plane 127\.0\.0\.1:\d+ \(.*\) is asked instead$/,
    );
    const primary = await startPlane({ variant, port: dead.port });
    setEndpoints(primary, name, [first]);
    while ((await nameOf(balanced)) !== "s0");
    await fallback.until(() => fallback.openStreams === 0);
    await eventually(() => balanced.transport.inspect().sourceError === undefined);
    expect(primary.openStreams).toBe(1);
  });

  it("does not ask the second when the first dies and all is known, and asks it once something is not", async () => {
    const [first, second] = await twoServers();
    const primary = await startPlane({ variant });
    const fallback = await startPlane({ variant });
    setEndpoints(primary, name, [first]);
    setEndpoints(fallback, name, [second]);
    setEndpoints(fallback, "cart.shop:80", [second]);
    const balanced = clientOf([primary, fallback]);
    expect(await nameOf(balanced)).toBe("s0");
    await primary.kill();
    await eventually(() => balanced.transport.inspect().sourceError !== undefined);
    expect([await nameOf(balanced), fallback.requests]).toEqual(["s0", []]);
    expect(await nameOf(clientOf([primary, fallback], "xds:///cart.shop:80"))).toBe("s1");
    expect(await nameOf(balanced)).toBe("s1");
  });

  it("follows the second as it would the first", async () => {
    const [first, second] = await twoServers();
    const dead = await deadPlane({ variant });
    const fallback = await startPlane({ variant });
    setEndpoints(fallback, name, [first]);
    const balanced = clientOf([dead, fallback]);
    expect(await nameOf(balanced)).toBe("s0");
    setEndpoints(fallback, name, [second]);
    await eventually(() => balanced.transport.inspect().endpoints[0]?.endpoint.port === second.port);
    expect(await nameOf(balanced)).toBe("s1");
    expect(balanced.transport.inspect().sourceError).toContain("is asked instead");
  });
});

it("a transport with gRPC's bootstrap finds all its servers there, and goes the whole way at the second", async () => {
  const [server] = await twoServers();
  const dead = await deadPlane();
  const fallback = await startPlane();
  setListener(fallback, name, "blue");
  setCluster(fallback, "blue", name);
  setEndpoints(fallback, name, [server]);
  const xds_servers = [dead, fallback].map(({ address }) => ({ server_uri: address, channel_creds: [{ type: "insecure" }] }));
  vi.stubEnv("GRPC_XDS_BOOTSTRAP_CONFIG", JSON.stringify({ xds_servers }));
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await nameOf(balancedClient(target))).toBe("s0");
});
