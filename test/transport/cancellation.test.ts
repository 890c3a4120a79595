import { constants } from "node:http2";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { randomIndex } from "../../src/random-source.ts";
import { manualClock, seededRandom } from "../../src/testing/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect, sending } from "../support/collect.ts";
import { startEchoFleet, staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const { NGHTTP2_CANCEL: CANCEL, NGHTTP2_REFUSED_STREAM } = constants;

describe.each(["connect", "grpc", "grpc-web"] as const)("in %s", (protocol) => {
  it("a signal that is aborted already: nothing is sent", async () => {
    const fleet = use(await startEchoFleet(2));
    const { client, transport } = await readyClient(fleet.target, { protocol });
    expect(await failureOf(client.update({}, { signal: AbortSignal.abort() }))).toMatchObject({ code: Code.Canceled });
    expect(fleet.attempts()).toEqual([0, 0]);
    expect(inFlight(transport)).toBe(0);
  });

  it("cancelling releases the load and frees the server, for every call of many", async () => {
    const held = Promise.withResolvers<void>();
    const server = use(await startEchoServer({ onCall: () => held.promise }));
    const { client, transport } = await readyClient(staticTarget(server), { protocol });
    const abort = new AbortController();
    const calls = Array.from({ length: 20 }, () => failureOf(client.echo({}, { signal: abort.signal })));
    await server.until(() => server.calls.length === 20);
    expect(inFlight(transport)).toBe(20);
    abort.abort();
    expect((await Promise.all(calls)).every(({ code }) => code === Code.Canceled)).toBe(true);
    await eventually(() => inFlight(transport) === 0);
    await server.until(() => server.calls.every(({ resetCode }) => resetCode === CANCEL));
    expect(server.calls).toHaveLength(20);
    held.resolve();
  });

  it("cancelling a stream in its middle ends it on both sides", async () => {
    const server = use(await startEchoServer());
    const { client, transport } = await readyClient(staticTarget(server), { protocol });
    const abort = new AbortController();
    const numbers: number[] = [];
    const reading = (async () => {
      for await (const { number } of client.count({ count: 1_000_000, behavior: { size: 1000 } }, { signal: abort.signal })) {
        numbers.push(number);
        if (number === 3) abort.abort();
      }
    })();
    expect(await failureOf(reading)).toMatchObject({ code: Code.Canceled });
    expect(numbers).toEqual([1, 2, 3]);
    await server.until(() => server.calls[0]?.resetCode === CANCEL);
    await eventually(() => inFlight(transport) === 0);
  });

  it("return() on the iterator of a response cancels the stream", async () => {
    const server = use(await startEchoServer());
    const { transport } = await readyClient(staticTarget(server), { protocol });
    const input = sending({ count: 1_000_000, behavior: { size: 1000 } });
    const { message } = await transport.stream(EchoService.method.count, undefined, undefined, undefined, input);
    const iterator = message[Symbol.asyncIterator]();
    expect(await iterator.next()).toMatchObject({ value: { number: 1 } });
    expect(iterator.return).toBeTypeOf("function");
    await iterator.return?.();
    await server.until(() => server.calls[0]?.closed === true);
    expect(server.calls[0]?.resetCode).toBe(CANCEL);
    await eventually(() => inFlight(transport) === 0);
    expect(await iterator.next()).toMatchObject({ done: true });
  });

  it("leaving a loop over a response cancels the stream", async () => {
    const server = use(await startEchoServer());
    const { transport } = await readyClient(staticTarget(server), { protocol });
    const input = sending({ count: 1_000_000, behavior: { size: 1000 } });
    const { message } = await transport.stream(EchoService.method.count, undefined, undefined, undefined, input);
    for await (const { number } of message) if (number === 2) break;
    await server.until(() => server.calls[0]?.resetCode === CANCEL);
    await eventually(() => inFlight(transport) === 0);
  });

  it("cancelling at any moment leaves nothing behind", async () => {
    const fleet = use(await startEchoFleet(2));
    const { client, transport } = await readyClient(fleet.target, { protocol });
    const random = seededRandom(3);
    const kinds = [
      (options: CallOptions) => client.update({}, options),
      (options: CallOptions) => client.echo({ behavior: { size: 100_000 } }, options),
      (options: CallOptions) => collect(client.count({ count: 20, behavior: { size: 10_000 } }, options)),
      (options: CallOptions) => client.collect(sending(...Array.from({ length: 20 }, () => ({ text: "x".repeat(5_000) }))), options),
    ] as const;
    const ends = Array.from({ length: 200 }, async (_, n) => {
      const abort = new AbortController();
      const end = kinds[(n % 4) as 0 | 1 | 2 | 3]({ signal: abort.signal }).then(
        () => "answered",
        (error) => ConnectError.from(error).code,
      );
      for (let turns = randomIndex(random, 150); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      return end;
    });
    expect(["answered", Code.Canceled]).toEqual(expect.arrayContaining([...new Set(await Promise.all(ends))]));
    await eventually(() => transport.inspect().endpoints.every(({ sessions }) => sessions.every(({ streams }) => streams === 0)));
    expect(inFlight(transport)).toBe(0);
    expect(fleet.servers.map((server) => server.acceptedConnections())).toEqual([1, 1]);
  });

  it("a bidirectional stream holds its load until it is over", async () => {
    const server = use(await startEchoServer());
    const { client, transport } = await readyClient(staticTarget(server), { protocol });
    const open = Promise.withResolvers<void>();
    const requests = async function* () {
      yield { text: "a" };
      await open.promise;
    };
    const responses = client.chat(requests())[Symbol.asyncIterator]();
    expect(await responses.next()).toMatchObject({ value: { text: "a" } });
    expect(inFlight(transport)).toBe(1);
    open.resolve();
    expect(await responses.next()).toMatchObject({ done: true });
    await eventually(() => inFlight(transport) === 0);
  });
});

describe("a deadline", () => {
  it.each([
    ["connect", "connect-timeout-ms"],
    ["grpc", "grpc-timeout"],
    ["grpc-web", "grpc-timeout"],
  ] as const)("covers all attempts: in %s each is told what is left", async (protocol, header) => {
    const clock = manualClock();
    const bad = use(
      await startEchoServer({
        name: "bad",
        onCall(call) {
          clock.advance(4_000);
          call.reset(NGHTTP2_REFUSED_STREAM);
        },
      }),
    );
    const good = use(await startEchoServer({ name: "good" }));
    const { client } = await readyClient(staticTarget(bad, good), { clock, protocol, policy: preferring(bad, good) });
    expect(await client.update({}, { timeoutMs: 10_000 })).toMatchObject({ server: { name: "good" } });
    const told = [bad, good].map(({ calls }) => calls[0]?.headers[header]);
    expect(told).toEqual(protocol === "connect" ? ["10000", "6000"] : ["10000m", "6000m"]);
  });

  it("that passes is no reason to try elsewhere", async () => {
    const raw = use(await startRawHttp2Server());
    const good = use(await startEchoServer());
    const { client } = await readyClient(staticTarget(raw, good), { policy: preferring(raw, good) });
    expect(await failureOf(client.echo({}, { timeoutMs: 50 }))).toMatchObject({ code: Code.DeadlineExceeded });
    await raw.until(() => raw.streams()[0]?.resetCode === CANCEL);
    expect(good.calls).toHaveLength(0);
  });
});
