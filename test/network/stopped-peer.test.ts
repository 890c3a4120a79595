import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { BalancedTransportOptions } from "../../src/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { defaultSessionOptions } from "../../src/transport/sessions/session-options.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { failureOf } from "../support/failure-of.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { startPeer } from "./peer-process.ts";
import { noAnswer, quickPings } from "./quick-pings.ts";
import { sessionEnds } from "./session-ends.ts";

async function setUp(options: BalancedTransportOptions) {
  const peer = use(await startPeer());
  const balanced = await readyClient(staticTarget(peer), options);
  return { peer, ends: sessionEnds(balanced.transport), ...balanced };
}

/** A server whose process hangs: its kernel acknowledges all that fits into its buffers, and then nothing more. */
describe("a peer that stops reading in the middle of a large request", () => {
  const messageBytes = 65_536;
  const messages = 4_000;
  /** The buffers of both kernels and of Node.js, and what is kept for another attempt: an eighth of what there is to send. */
  const maxBytesAhead = 32 * 2 ** 20;

  /** One message, and once the peer is stopped all the others. */
  function largeRequest() {
    const stopped = Promise.withResolvers<void>();
    const request = { pulled: 0, stopped: stopped.resolve, messages: pull() };
    async function* pull() {
      for (; request.pulled < messages; request.pulled++) {
        yield { text: "x".repeat(messageBytes) };
        await stopped.promise;
      }
    }
    return request;
  }

  it("fills no memory, and the call ends at its deadline; the session goes on once the peer does", async () => {
    const { peer, client, ends } = await setUp({ session: { pingIntervalMs: 0 } });
    const request = largeRequest();
    const call = failureOf(client.collect(request.messages, { timeoutMs: 2_000 }));
    await peer.until(() => peer.news.calls === 1);
    await peer.pause();
    request.stopped();
    expect(await call).toMatchObject({ code: Code.DeadlineExceeded });
    expect(request.pulled).toBeGreaterThan(1);
    expect(request.pulled * messageBytes).toBeLessThan(maxBytesAhead);
    peer.resume();
    expect(await client.update({})).toMatchObject({ server: { name: "peer" } });
    await peer.until(() => peer.news.calls === 2);
    expect(peer.news.acceptedConnections).toBe(1);
    expect(ends).toEqual([]);
  });

  it("fills no memory, and pings end the call and the connection, though unsent bytes are in their way", async () => {
    const { peer, client, ends } = await setUp({ session: quickPings });
    const request = largeRequest();
    const call = failureOf(client.collect(request.messages));
    await peer.until(() => peer.news.calls === 1);
    await peer.pause();
    request.stopped();
    expect(await call).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining(noAnswer) });
    expect(request.pulled).toBeGreaterThan(1);
    expect(request.pulled * messageBytes).toBeLessThan(maxBytesAhead);
    expect(ends).toEqual([noAnswer]);
    peer.resume();
    expect(await client.update({})).toMatchObject({ server: { name: "peer" } });
    await peer.until(() => peer.news.acceptedConnections === 2 && peer.news.openConnections === 1);
  });
});

it("a peer that pauses for less than the ping time-out loses nothing", async () => {
  const clock = manualClock();
  const { peer, client, transport, ends } = await setUp({ clock });
  const unary = client.update({ text: "before", behavior: { delayMs: 100 } });
  const stream = collect(client.count({ count: 3, behavior: { delayMs: 50 } }));
  await peer.until(() => peer.news.calls === 2);
  await peer.pause();
  clock.advance(defaultSessionOptions.pingIntervalMs);
  // Sent after the ping, so that its answer comes after the ping's.
  const last = client.update({ text: "last" });
  await eventually(() => inFlight(transport) === 3);
  clock.advance(defaultSessionOptions.pingTimeoutMs - 1);
  peer.resume();
  expect(await unary).toMatchObject({ text: "before" });
  expect(await stream).toHaveLength(3);
  expect(await last).toMatchObject({ text: "last" });
  clock.advance(defaultSessionOptions.pingTimeoutMs);
  expect(ends).toEqual([]);
  await peer.until(() => peer.news.calls === 3);
  expect(peer.news.acceptedConnections).toBe(1);
});
