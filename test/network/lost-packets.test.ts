import { Code } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import type { BalancedTransportOptions } from "../../src/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { defaultSessionOptions } from "../../src/transport/sessions/session-options.ts";
import { balancedClient, openStreams, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { createNetworkNamespace, whyNoNetworkNamespace } from "./network-namespace.ts";
import { startPeer } from "./peer-process.ts";
import { noAnswer, quickPings } from "./quick-pings.ts";
import { sessionEnds } from "./session-ends.ts";

const whyNot = await whyNoNetworkNamespace();
beforeEach((context) => context.skip(whyNot !== undefined, whyNot));

/** What a busy machine may add; TCP alone would take a quarter of an hour. */
const slackMs = 3_000;

/** A peer behind the virtual cable, which gets every first attempt, and a good server beside us. */
async function setUp({ holds = false, ...options }: BalancedTransportOptions & { readonly holds?: boolean }) {
  const network = use(createNetworkNamespace());
  const peer = use(await startPeer({ network, holds }));
  const good = use(await startEchoServer({ name: "good" }));
  const balanced = await readyClient(staticTarget(peer, good), { policy: preferring(peer, good), slowStart: false, ...options });
  return { network, peer, good, ends: sessionEnds(balanced.transport), ...balanced };
}

describe("packets that vanish", () => {
  it.each(["both", "requests", "answers"] as const)("in mid-call (%s) cost a call no more than a ping's time", async (lost) => {
    const { network, peer, good, client, ends } = await setUp({ holds: true, session: quickPings });
    const safe = client.echo({});
    const unsafe = failureOf(client.update({}));
    await peer.until(() => peer.news.calls === 2);
    network.lose(lost);
    const lostAtMs = performance.now();
    expect(await unsafe).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(`before a response: ${noAnswer}`) });
    expect(await safe).toMatchObject({ server: { name: "good" } });
    expect(performance.now() - lostAtMs).toBeLessThan(quickPings.pingIntervalMs + quickPings.pingTimeoutMs + slackMs);
    expect(good.calls.map(({ method }) => method)).toEqual(["Echo"]);
    await eventually(() => ends.length > 0);
    expect(ends).toEqual([noAnswer]);
    expect(await client.update({})).toMatchObject({ server: { name: "good" } });
  });

  it("in the middle of a response end it, and it is not begun again elsewhere", async () => {
    const { network, good, client } = await setUp({ session: quickPings });
    const responses = client.count({ count: 100_000, behavior: { delayMs: 20 } })[Symbol.asyncIterator]();
    expect((await responses.next()).value).toMatchObject({ number: 1, server: { name: "peer" } });
    network.lose("both");
    const readAll = async () => {
      while ((await responses.next()).done !== true);
    };
    expect(await failureOf(readAll())).toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringContaining(`in the middle of the response: ${noAnswer}`),
    });
    expect(good.calls).toEqual([]);
  });

  it("in a long silence are noticed by the first call's own ping, long before the next one would be due", async () => {
    const clock = manualClock();
    const { network, peer, good, client, transport, ends } = await setUp({ clock });
    expect(await client.update({})).toMatchObject({ server: { name: "peer" } });
    await eventually(() => openStreams(transport) === 0);
    // Requests still arrive, so that the peer can tell when they are on their way.
    network.lose("answers");
    clock.advance(10 * defaultSessionOptions.pingIntervalMs);
    const safe = client.echo({});
    const unsafe = failureOf(client.update({}));
    await peer.until(() => peer.news.calls === 3);
    clock.advance(defaultSessionOptions.pingTimeoutMs + 1);
    expect(await unsafe).toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringContaining("no answer to a ping within 5000 ms"),
    });
    expect(await safe).toMatchObject({ server: { name: "good" } });
    expect(good.calls.map(({ method }) => method)).toEqual(["Echo"]);
    await eventually(() => ends.length > 0);
    expect(ends).toEqual(["no answer to a ping within 5000 ms"]);
  });
});

describe("a host that vanishes", () => {
  it("with its cable, without FIN or RST, is noticed by pings; back again, it serves", async () => {
    const { network, peer, client, transport, ends } = await setUp({ holds: true, session: { ...quickPings, connectTimeoutMs: 1_000 } });
    const safe = client.echo({});
    const unsafe = failureOf(client.update({}));
    await peer.until(() => peer.news.calls === 2);
    network.unplug();
    await peer.kill();
    expect(await unsafe).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining(noAnswer) });
    expect(await safe).toMatchObject({ server: { name: "good" } });
    await eventually(() => ends.length > 0);
    expect(ends[0]).toBe(noAnswer);

    network.plugIn();
    use(await startPeer({ network }));
    await eventually(() => transport.inspect().endpoints.every(({ connectivity }) => connectivity === "ready"));
    expect(await client.update({})).toMatchObject({ server: { name: "peer" } });
  });
});

describe("a SYN without an answer", () => {
  /** Any port will do, as nobody is there. */
  const port = 8_080;

  it("holds up no call while another endpoint serves", async () => {
    const network = use(createNetworkNamespace());
    const silent = { port, address: `${network.silentAddress}:${port}` };
    const good = use(await startEchoServer({ name: "good" }));
    const { client, transport } = balancedClient(staticTarget(silent, good), { policy: preferring(silent, good), clock: manualClock() });
    const answers = await Promise.all([1, 2, 3].map(() => client.update({})));
    expect(answers.map(({ server }) => server?.name)).toEqual(["good", "good", "good"]);
    expect(transport.inspect().endpoints.map(({ connectivity }) => connectivity)).toEqual(["connecting", "ready"]);
  });

  it("alone: the call fails as unavailable after the connect time-out, and names it", async () => {
    const network = use(createNetworkNamespace());
    const { client, transport } = balancedClient(`static:///${network.silentAddress}:${port}`, { session: { connectTimeoutMs: 300 } });
    const ends = sessionEnds(transport);
    expect(await failureOf(client.echo({}))).toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringContaining("within 300 ms (connectTimeoutMs)"),
    });
    expect(ends).toEqual(["no HTTP/2 settings within 300 ms (connectTimeoutMs)"]);
  });
});
