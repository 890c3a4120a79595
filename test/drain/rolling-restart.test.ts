import { connect, createServer } from "node:net";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { listenOnLoopback } from "../support/listen.ts";
import { eventually } from "../support/until.ts";
import { type ChildServer, startChildServer } from "./child-server.ts";
import { connectNode, type EchoClient, grpcJs, meshless } from "./clients.ts";

const drainDelayMs = 500;

/** Servers in processes of their own that are replaced one by one, each on its own port; and, as a ClusterIP, an address that leads to one that is ready. */
async function startFleet(size: number) {
  const servers = await Promise.all(Array.from({ length: size }, (_, index) => startChildServer({ name: `s${index}`, drainDelayMs })));
  const ready = new Set<number>();
  for (const server of servers) followReadiness(server, ready);
  await eventually(() => ready.size === size);
  const stop = async (server: ChildServer) => {
    server.signal("SIGTERM");
    const { code, handled = 0, errors } = await server.exit;
    expect([code, errors]).toEqual([0, ""]);
    return handled;
  };
  return {
    addresses: servers.map(({ address }) => address),
    clusterIp: await startClusterIp(ready),
    /** Replaces all, and resolves with how many calls were handled by those that went. */
    async replaceAll() {
      let handled = 0;
      for (const [index, { port }] of servers.entries()) {
        handled += await stop(servers[index] as ChildServer);
        const server = await startChildServer({ name: `s${index}`, port, drainDelayMs });
        servers[index] = server;
        followReadiness(server, ready);
      }
      return handled;
    },
    stopAll: async () => (await Promise.all(servers.map(stop))).reduce((sum, handled) => sum + handled, 0),
  };
}

/** A server is ready while its health service says so. */
async function followReadiness({ address, port }: ChildServer, ready: Set<number>): Promise<void> {
  const health = createClient(Health, createGrpcTransport({ baseUrl: `http://${address}` }));
  for await (const { status } of health.watch({})) {
    if (status === Status.SERVING) ready.add(port);
    else ready.delete(port);
  }
}

/** Leads each new connection to a server that is ready, and then has no say any more. */
async function startClusterIp(ready: ReadonlySet<number>): Promise<string> {
  let connections = 0;
  const server = createServer((client) => {
    const port = [...ready][connections++ % ready.size];
    if (port === undefined) return client.destroy();
    const upstream = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
    }
  });
  onTestFinished(() => void server.close());
  return `127.0.0.1:${await listenOnLoopback(server)}`;
}

/** Calls a method that may not be repeated, without a pause, until it is ended, and by the end of the test at the latest. */
function callThroughout(client: EchoClient) {
  const failures: string[] = [];
  let succeeded = 0;
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const loop = async () => {
    // A client that fails for good would fill the memory.
    while (!isOver && failures.length < 100) {
      await client.update({}).then(
        () => succeeded++,
        (error) => failures.push(String(error)),
      );
    }
  };
  const loops = [loop(), loop()];
  return async () => {
    isOver = true;
    await Promise.all(loops);
    return { succeeded, failures };
  };
}

test("while all servers are replaced, meshless and grpc-js lose no call, connect-node none that was handled, and no call is handled twice", async () => {
  const fleet = await startFleet(3);
  const callers = [meshless(...fleet.addresses), grpcJs(...fleet.addresses), connectNode(fleet.clusterIp)].map(callThroughout);
  const handled = await fleet.replaceAll();
  const [ours, theirs, stock] = await Promise.all(callers.map((end) => end()));
  expect([ours?.failures, theirs?.failures]).toEqual([[], []]);
  for (const failure of stock?.failures ?? []) expect(failure).toMatch(/REFUSED_STREAM/);
  const succeeded = [ours, theirs, stock].map((ledger) => ledger?.succeeded ?? 0);
  for (const count of succeeded) expect(count).toBeGreaterThan(0);
  expect(handled + (await fleet.stopAll())).toBe(succeeded.reduce((sum, count) => sum + count, 0));
}, 120_000);
