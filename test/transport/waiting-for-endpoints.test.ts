import { once } from "node:events";
import { createServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { createBalancedTransport, roundRobin } from "../../src/index.ts";
import { manualClock, scriptedSource } from "../../src/testing/index.ts";
import { balancedClient, inFlight } from "../support/balanced-client.ts";
import { collect, sending } from "../support/collect.ts";
import { startEchoFleet, staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { failureOf } from "../support/failure-of.ts";
import { listenOnLoopback } from "../support/listen.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

describe("a call that is made before the endpoints are known", () => {
  it("waits for them, of whichever kind it is", async () => {
    const server = use(await startEchoServer());
    const source = scriptedSource();
    const { client } = balancedClient(source);
    const calls = [client.update({ text: "a" }), collect(client.count({ count: 1 })), client.collect(sending({ text: "b" }))];
    source.update(endpointsOf(server));
    expect(await Promise.all(calls)).toMatchObject([{ text: "a" }, [{ number: 1 }], { text: "b" }]);
  });

  it("ends at its deadline", async () => {
    const { client } = balancedClient(scriptedSource());
    expect(await failureOf(client.update({}, { timeoutMs: 40 }))).toMatchObject({ code: Code.DeadlineExceeded });
  });

  it("ends when it is cancelled", async () => {
    const { client } = balancedClient(scriptedSource());
    const abort = new AbortController();
    const call = failureOf(client.update({}, { signal: abort.signal }));
    abort.abort();
    expect(await call).toMatchObject({ code: Code.Canceled });
  });

  it("fails after the configured wait, and names the target", async () => {
    const mute = { lookup: () => new Promise<never>(() => {}), resolveSrv: () => new Promise<never>(() => {}) };
    const { client } = balancedClient("dns:///checkout.shop:8080", { endpointsTimeoutMs: 40, discovery: { dns: { resolver: mute } } });
    const error = await failureOf(client.update({}));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining("dns:///checkout.shop:8080") });
    expect(error.rawMessage).toContain("40 ms");
  });

  it("fails after the configured wait, and says why it was in vain", async () => {
    const source = scriptedSource();
    const { client } = balancedClient(source, { endpointsTimeoutMs: 40 });
    source.error(new Error("the registry is on fire"));
    const error = await failureOf(client.update({}));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining("the registry is on fire") });
  });

  it("fails when the transport is closed meanwhile", async () => {
    const { client, transport } = balancedClient(scriptedSource());
    const call = failureOf(client.update({}));
    await transport.close();
    expect(await call).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining("closed") });
  });
});

describe("ready()", () => {
  it("resolves once a call can go out", async () => {
    const server = use(await startEchoServer());
    const source = scriptedSource();
    const { transport } = balancedClient(source);
    let isReady = false;
    const ready = transport.ready().then(() => {
      isReady = true;
    });
    await setImmediate();
    expect(isReady).toBe(false);
    source.update(endpointsOf(server));
    await ready;
    expect(server.acceptedConnections()).toBe(1);
  });

  it("leaves a choice: what comes at once after it is spread over all", async () => {
    const fleet = use(await startEchoFleet(4));
    const { client, transport } = balancedClient(fleet.target, { policy: roundRobin() });
    await transport.ready();
    await Promise.all(Array.from({ length: 40 }, () => collect(client.count({ count: 1 }))));
    expect(fleet.attempts()).toEqual([10, 10, 10, 10]);
  });

  it("waits 250 ms more for a server that keeps silent", async () => {
    const server = use(await startEchoServer());
    const silent = createServer();
    const port = await listenOnLoopback(silent);
    const accepted = once(silent, "connection");
    const clock = manualClock();
    const { transport } = balancedClient(staticTarget(server, { address: `127.0.0.1:${port}` }), { clock });
    const ready = transport.ready();
    const [socket] = await accepted;
    await eventually(() => transport.inspect().endpoints.some(({ connectivity }) => connectivity === "ready"));
    clock.advance(249);
    expect(await Promise.race([ready.then(() => "ready"), setImmediate("waits")])).toBe("waits");
    clock.advance(1);
    await ready;
    await transport.close();
    socket.destroy();
    silent.close();
  });

  it("stops waiting when its signal is aborted", async () => {
    const { transport } = balancedClient(scriptedSource());
    const abort = new AbortController();
    const ready = transport.ready({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(ready).rejects.toThrow();
  });
});

describe("calls fail at once", () => {
  it("when the set is known to be empty", async () => {
    const { client } = balancedClient(scriptedSource([]));
    expect(await failureOf(client.update({}))).toMatchObject({
      code: Code.Unavailable,
      rawMessage: expect.stringContaining("no endpoint for"),
    });
  });

  it("when there is no such service", async () => {
    const source = scriptedSource();
    const { client } = balancedClient(source, { authority: "checkout.shop" });
    source.vanish();
    const rawMessage = "there is no such service as the given source of checkout.shop: its source says so";
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage });
  });

  it("when nobody can be reached, and the error says who and why", async () => {
    const gone = await startEchoServer();
    await gone.kill();
    const { client, transport } = balancedClient(`static:///${gone.address}`);
    for (let n = 0; n < 3; n++) {
      const error = await failureOf(client.update({}));
      expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringContaining("ECONNREFUSED") });
      expect(error.rawMessage).toContain(gone.address);
    }
    expect(inFlight(transport)).toBe(0);
  });
});

it("a source's error leaves the last set in force", async () => {
  const server = use(await startEchoServer());
  const source = scriptedSource(endpointsOf(server));
  const { client } = balancedClient(source);
  await client.update({});
  source.error(new Error("gone for lunch"));
  expect(await client.update({ text: "still here" })).toMatchObject({ text: "still here" });
});

it("calls go to the newcomer as soon as it is reached, and the old one is gone", async () => {
  const [old, newcomer] = [use(await startEchoServer({ name: "old" })), use(await startEchoServer({ name: "newcomer" }))];
  const source = scriptedSource(endpointsOf(old));
  const { client } = balancedClient(source);
  expect(await client.update({})).toMatchObject({ server: { name: "old" } });
  source.update(endpointsOf(newcomer));
  await newcomer.until(() => newcomer.openConnections() === 1);
  await old.until(() => old.openConnections() === 0);
  expect(await client.update({})).toMatchObject({ server: { name: "newcomer" } });
});

describe("a target that cannot work is refused when the transport is made", () => {
  it.each([
    ["xds:///checkout.shop:grpc", /xds/],
    ["checkout.shop:8080", /dns:\/\/\/checkout\.shop:8080/],
    ["http://checkout.shop:8080", /dns:\/\/\/checkout\.shop:8080/],
    ["zookeeper:///a", /zookeeper/],
    ["static:///127.0.0.1", /127\.0\.0\.1/],
    ["static:///127.0.0.1:0", /0/],
  ])("%s", (bad, message) => {
    expect(() => createBalancedTransport(bad)).toThrow(message);
  });
});
