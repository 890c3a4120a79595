import { constants } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { BalancedTransportOptions, Protocol } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { type BalancedClient, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { type EchoServer, type SeenCall, startEchoServer } from "../support/echo-server.ts";
import { preferring } from "../support/preferring.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { startPushbackServer } from "../transport/pushback-server.ts";
import { lineage, RealSdk } from "./real-sdk.ts";

const protocols = ["connect", "grpc", "grpc-web"] as const satisfies readonly Protocol[];

type Client = BalancedClient["client"];
type Kind = readonly [kind: string, method: string, call: (client: Client) => Promise<unknown>];

const kinds: readonly Kind[] = [
  ["a unary call", "Update", (client) => client.update({})],
  ["a stream", "Count", (client) => collect(client.count({ count: 2 }))],
];

type OnCall = (call: SeenCall) => void | Promise<void>;
const never: OnCall = () => new Promise(() => {});
const refuse: OnCall = (call) => call.reset(constants.NGHTTP2_REFUSED_STREAM);

type Servers = readonly { readonly address: string; readonly port: number }[];

/** A client of servers that are tried in this order. */
async function clientOf(servers: Servers, options: BalancedTransportOptions) {
  const sdk = new RealSdk();
  const { client } = await readyClient(staticTarget(...servers), { telemetry: sdk.telemetry, policy: preferring(...servers), ...options });
  /** The call's, and those of its attempts, once there are as many. */
  const spans = async (attempts: number) => {
    await eventually(() => sdk.spans().length === attempts + 1);
    const [ofCall, ...ofAttempts] = sdk.spans();
    expect(ofAttempts.map(({ parent }) => parent)).toEqual(ofAttempts.map(() => ofCall));
    // On a machine that has other work, calls wait for this process as well.
    const events = ofCall?.events.filter(({ name }) => name !== "meshless.wait");
    return { ofCall, ofAttempts, events };
  };
  return { sdk, client, spans };
}

function serversOf(...behaviours: OnCall[]): Promise<readonly EchoServer[]> {
  return Promise.all(behaviours.map(async (onCall) => use(await startEchoServer({ onCall }))));
}

const answer: OnCall = () => {};

describe.each(protocols)("with %s", (protocol) => {
  const canceled = protocol === "connect" ? "canceled" : "CANCELLED";

  it.each(kinds)("%s that a server may have acted on has a span for each attempt, and the event of a retry", async (_, name, call) => {
    const servers = await serversOf(never, answer);
    const methods = [EchoService.method.update, EchoService.method.count].map((method) => [method, { idempotent: true }] as const);
    const { client, spans } = await clientOf(servers, { protocol, methods });
    const dying = eventually(() => servers[0]?.calls.length === 1).then(() => servers[0]?.kill());
    await call(client);
    await dying;
    const { ofCall, ofAttempts, events } = await spans(2);
    expect(ofAttempts.map(lineage)).toEqual([`CLIENT ${name} > CLIENT ${name}`, `CLIENT ${name} > CLIENT ${name}`]);
    expect(ofAttempts.map(({ attributes }) => attributes["server.port"])).toEqual(servers.map(({ port }) => port));
    expect(ofAttempts.map(({ attributes }) => attributes["meshless.attempt.number"])).toEqual([1, 2]);
    expect([ofCall, ...ofAttempts].map((span) => span?.isError)).toEqual([false, true, false]);
    expect(events).toMatchObject([{ name: "meshless.retry", attributes: { "meshless.attempt.number": 2 } }]);
    expect(ofCall?.attributes["meshless.attempts"]).toBe(2);
  });

  it.each(kinds)("%s that certainly reached no server has the event of a transparent retry", async (_, __, call) => {
    const { client, spans } = await clientOf(await serversOf(refuse, answer), { protocol });
    await call(client);
    const { ofAttempts, events } = await spans(2);
    expect(events).toMatchObject([{ name: "meshless.transparent_retry", attributes: { "meshless.attempt.outcome": "refused" } }]);
    expect(ofAttempts.map(({ attributes }) => attributes["meshless.attempt.repeat_reason"])).toEqual([undefined, "refused"]);
  });

  it.each(kinds)("%s that servers bounce says so, and where it was taken", async (_, __, call) => {
    const servers = [use(await startPushbackServer({ name: "full" })), use(await startEchoServer())];
    const { client, spans } = await clientOf(servers, { protocol, pushback: true });
    await call(client);
    const { ofAttempts, events } = await spans(2);
    expect(events).toMatchObject([{ name: "meshless.bounce", attributes: { "meshless.attempt.outcome": "bounced" } }]);
    expect(ofAttempts.map(({ attributes }) => attributes["meshless.outcome"])).toEqual(["bounced", "success"]);
  });

  it("a hedged call has the event of its hedge, and the attempt that loses ends as cancelled", async () => {
    const methods = [[EchoService.method.update, { hedging: { delayMs: 10 } }]] as const;
    const servers = await serversOf(never, answer);
    const { sdk, client, spans } = await clientOf(servers, { protocol, methods });
    await client.update({});
    const { ofCall, ofAttempts, events } = await spans(2);
    expect(events).toEqual([{ name: "meshless.hedge", attributes: { "meshless.attempt.number": 2 } }]);
    expect(ofCall?.isError).toBe(false);
    expect(ofCall?.attributes).toMatchObject({ "network.peer.port": servers[1]?.port, "meshless.attempts": 2 });
    const [loser, winner] = ofAttempts.map(({ attributes }) => attributes);
    expect(loser).toMatchObject({ "server.port": servers[0]?.port, "meshless.outcome": "abandoned", "rpc.status_code": canceled });
    expect(winner).toMatchObject({
      "server.port": servers[1]?.port,
      "meshless.outcome": "success",
      "meshless.attempt.repeat_reason": "hedge",
    });
    const [hedges] = await sdk.series("grpc.client.call.hedges");
    expect(hedges).toMatchObject({ sum: 1, labels: { "grpc.method": "meshless.testing.v1.EchoService/Update" } });
    expect(await sdk.series("grpc.client.call.retries")).toEqual([]);
    expect(await sdk.series("grpc.client.call.transparent_retries")).toEqual([]);
  });
});

it("a hedge is told from what was made again before it, and from what is made again because a server failed", async () => {
  // Long enough for the server that fails to be heard before the next hedge is due, on a machine that has other work as well.
  const methods = [[EchoService.method.update, { hedging: { delayMs: 250, maxAttempts: 4 } }]] as const;
  const unavailable = () => {
    throw new ConnectError("as asked", Code.Unavailable);
  };
  const { client, spans } = await clientOf(await serversOf(refuse, never, unavailable, answer), { methods });
  await client.update({});
  const { ofAttempts, events } = await spans(4);
  expect(events?.map(({ name }) => name)).toEqual(["meshless.transparent_retry", "meshless.hedge", "meshless.retry"]);
  const reasons = ofAttempts.map(({ attributes }) => attributes["meshless.attempt.repeat_reason"]);
  expect(reasons).toEqual([undefined, "refused", "hedge", "failure"]);
});

it("a call that is not sampled makes no spans, and its servers are told so", async () => {
  const headers: (string | undefined)[] = [];
  const seeing: OnCall = (call) => void headers.push(call.headers.traceparent as string | undefined);
  const { sdk, client } = await clientOf(await serversOf(seeing), {});
  await sdk.unsampled(() => client.update({}));
  expect(headers).toEqual([expect.stringMatching(/-00$/)]);
  expect(sdk.spans()).toEqual([]);
});
