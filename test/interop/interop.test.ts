import { createClient, type Transport } from "@connectrpc/connect";
import { Client, credentials } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { roundRobin } from "../../src/index.ts";
import { loadReportHeader } from "../../src/orca.ts";
import { createHealthReporter, healthReporting } from "../../src/server-hooks/index.ts";
import type { Protocol } from "../../src/transport/connect/protocol-options.ts";
import { TestService, UnimplementedService } from "../gen/grpc/testing/test_pb.ts";
import { readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { CallLog } from "./call-log.ts";
import { grpcTransport } from "./grpc-transport.ts";
import { type InteropPeer, interopCases, largeUnary } from "./interop-cases.ts";
import { connectNodeServer, type StartInteropServer, startGrpcJsServer } from "./interop-server.ts";

interface Peer {
  readonly server: string;
  readonly protocol: Protocol;
  readonly start: StartInteropServer;
}

const peers: readonly Peer[] = [
  { server: "@grpc/grpc-js", protocol: "grpc", start: startGrpcJsServer },
  { server: "connect-node", protocol: "grpc", start: connectNodeServer() },
  { server: "connect-node", protocol: "grpc-web", start: connectNodeServer() },
  { server: "connect-node", protocol: "connect", start: connectNodeServer() },
];

function peerOf(transport: Transport, log: CallLog): InteropPeer {
  return { client: createClient(TestService, transport), unknown: createClient(UnimplementedService, transport), log };
}

async function balancePeer({ protocol, start }: Peer) {
  const log = new CallLog();
  const servers = await Promise.all([start("a", log), start("b", log)]);
  const { transport } = await readyClient(staticTarget(...servers), { protocol, policy: roundRobin() });
  const outcomes = () => transport.inspect().endpoints.map((endpoint) => endpoint.outcomes);
  return { peer: peerOf(transport, log), outcomes };
}

describe.each(peers)("balanced over two servers of $server, in $protocol", (server) => {
  it.each(interopCases)("$name", async ({ run, calls, outcome }) => {
    const { peer, outcomes } = await balancePeer(server);
    const none = outcomes();
    await run(peer);
    await run(peer);
    const each = none.map((counts) => ({ ...counts, [outcome]: calls }));
    await eventually(() => outcomes().every((counts) => counts[outcome] >= calls));
    expect(outcomes()).toEqual(each);
  });
});

describe.each(peers.slice(0, 2))("balanced over two servers of $server", (server) => {
  it("1000 parallel large_unary", { timeout: 120_000 }, async () => {
    const { peer, outcomes } = await balancePeer(server);
    await Promise.all(Array.from({ length: 1_000 }, () => largeUnary(peer.client)));
    await eventually(() => outcomes().every(({ success }) => success >= 500));
    expect(outcomes()).toMatchObject([{ success: 500 }, { success: 500 }]);
  });
});

describe.each([
  { hook: "healthReporting()", hooks: () => ({ interceptors: [healthReporting()] }) },
  {
    hook: "the interceptor and the request gate",
    hooks: () => {
      const { interceptor, requestGate } = createHealthReporter();
      return { interceptors: [interceptor], requestGate };
    },
  },
])("a client of @grpc/grpc-js, asking a connect-node server with guarded() and $hook", ({ hooks }) => {
  async function setUp(): Promise<InteropPeer> {
    const log = new CallLog();
    const { address } = await connectNodeServer(hooks())("a", log);
    const client = new Client(address, credentials.createInsecure());
    use({ [Symbol.asyncDispose]: async () => client.close() });
    return peerOf(grpcTransport(client), log);
  }

  it.each(interopCases)("$name", async ({ run }) => {
    await run(await setUp());
  });

  it("is sent reports in the trailers, of unary calls and of streams", async () => {
    const { client } = await setUp();
    const reported: boolean[] = [];
    const onTrailer = (trailer: Headers) => void reported.push(trailer.has(loadReportHeader));
    await client.emptyCall({}, { onTrailer });
    await collect(client.streamingOutputCall({ responseParameters: [{ size: 9 }] }, { onTrailer }));
    expect(reported).toEqual([true, true]);
  });
});
