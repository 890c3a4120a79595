import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { BalancedTransportOptions, MethodOptions } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect, sending } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { type EchoServer, type SeenCall, startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const { echo, update, count, collect: collectMethod } = EchoService.method;
const busy = (metadata?: Record<string, string>) => new ConnectError("not now", Code.Unavailable, metadata);
const fails = () => Promise.reject(busy());

/** A server that is tried first and does so to calls, and a good one beside it. */
async function setUp(onCall: (call: SeenCall) => void | Promise<void>, options: BalancedTransportOptions = {}) {
  const first = use(await startEchoServer({ name: "first", onCall }));
  const good = use(await startEchoServer({ name: "good" }));
  const balanced = await readyClient(staticTarget(first, good), { policy: preferring(first, good), ...options });
  const attempts = () => [first.calls.length, good.calls.length];
  return { first, good, attempts, ...balanced };
}

const previous = (server: EchoServer) => server.calls.map(({ headers }) => headers["grpc-previous-rpc-attempts"]);

describe.each(["connect", "grpc", "grpc-web"] as const)("a call that is answered `unavailable`, in %s", (protocol) => {
  it("is made elsewhere if its method may be carried out twice, and the server is told how often it was made before", async () => {
    const { client, attempts, first, good } = await setUp(fails, { protocol });
    expect(await client.echo({ text: "a" })).toMatchObject({ server: { name: "good" } });
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage: "not now" });
    expect(attempts()).toEqual([2, 1]);
    expect([previous(first), previous(good)]).toEqual([[undefined, undefined], ["1"]]);
  });

  it("is made elsewhere if its method was named for it", async () => {
    const methods = [[update, { retry: {} }]] as const;
    const { client } = await setUp(fails, { protocol, methods });
    expect(await client.update({ text: "a" })).toMatchObject({ server: { name: "good" } });
  });

  it("is made elsewhere as a stream as well, with all messages from the first on", async () => {
    const named: MethodOptions = { idempotent: true };
    const methods = [[count, named] as const, [collectMethod, named] as const];
    const { client, attempts } = await setUp(fails, { protocol, methods });
    expect(await collect(client.count({ count: 2 }))).toMatchObject([{ number: 1 }, { number: 2, server: { name: "good" } }]);
    const texts = Array.from({ length: 10 }, (_, text) => ({ text: `${text}` }));
    expect(await client.collect(sending(...texts))).toMatchObject({ text: "0 1 2 3 4 5 6 7 8 9" });
    expect(attempts()).toEqual([2, 2]);
  });

  it("is not made again once a message of the response came", async () => {
    const { client, attempts, transport } = await setUp(() => {}, { protocol, methods: [[count, { idempotent: true }]] });
    const numbers: number[] = [];
    const reading = (async () => {
      const behavior = { failCode: Code.Unavailable, failAfter: 1 };
      for await (const { number } of client.count({ count: 3, behavior })) numbers.push(number);
    })();
    expect(await failureOf(reading)).toMatchObject({ code: Code.Unavailable });
    expect([numbers, attempts()]).toEqual([[1], [1, 0]]);
    await eventually(() => inFlight(transport) === 0);
  });
});

it("a lost connection is no answer: a method that was named for its codes alone is not made again", async () => {
  const { client, first, good } = await setUp(() => new Promise(() => {}), { methods: [[update, { retry: {} }]] });
  const failure = failureOf(client.update({}));
  await first.until(() => first.calls.length === 1);
  await first.kill();
  expect(await failure).toMatchObject({ code: Code.Unavailable });
  expect(good.calls).toHaveLength(0);
});

it("an attempt that takes longer than it may is made elsewhere, and its server is told of its time, not of the call's", async () => {
  const { client, first, good } = await setUp(() => new Promise(() => {}), { retry: { perAttemptTimeoutMs: 60 } });
  expect(await client.echo({ text: "a" }, { timeoutMs: 20_000 })).toMatchObject({ server: { name: "good" } });
  const timeoutMs = ({ calls }: EchoServer) => Number(calls[0]?.headers["connect-timeout-ms"]);
  expect([timeoutMs(first), timeoutMs(good)].every((ms) => ms > 0 && ms <= 60)).toBe(true);
  await first.until(() => first.calls[0]?.closed === true);
  expect(first.calls[0]?.resetCode).toBe(8);
});

it("the time of an attempt is for the first message: a stream that has begun goes on", async () => {
  const options = { retry: { perAttemptTimeoutMs: 150 }, methods: [[count, { idempotent: true }]] as const };
  const { client, first } = await setUp(() => {}, options);
  expect(await collect(client.count({ count: 3, behavior: { delayMs: 80 } }))).toHaveLength(3);
  // Servers that keep to it would end the stream.
  expect(first.calls[0]?.headers["connect-timeout-ms"]).toBeUndefined();
});

it("what an interceptor takes is gone from the time that servers are told", async () => {
  const slow: Interceptor = (next) => async (request) => {
    request.header.set("x-token", "t");
    await new Promise((resolve) => setTimeout(resolve, 100));
    request.header.get("x-token");
    return next(request);
  };
  const { client, first } = await setUp(() => {}, { interceptors: [slow] });
  await client.echo({}, { timeoutMs: 20_000 });
  expect(Number(first.calls[0]?.headers["connect-timeout-ms"])).toBeLessThan(19_950);
});

it("methods that are not made again have the time of their call", async () => {
  const { client, attempts } = await setUp(() => {}, { retry: { perAttemptTimeoutMs: 20 } });
  expect(await client.update({ text: "slow", behavior: { delayMs: 100 } })).toMatchObject({ text: "slow" });
  expect(attempts()).toEqual([1, 0]);
});

describe("a server's word on when to come again", () => {
  it("is kept, in either of both headers", async () => {
    for (const metadata of [{ "grpc-retry-pushback-ms": "80" }, { "retry-after": "0.08" }]) {
      const { client } = await setUp(() => Promise.reject(busy(metadata)), { retry: { backoff: { baseMs: 60_000, maxMs: 60_000 } } });
      const startedAtMs = performance.now();
      expect(await client.echo({})).toMatchObject({ server: { name: "good" } });
      const tookMs = performance.now() - startedAtMs;
      expect([tookMs >= 79, tookMs < 5_000]).toEqual([true, true]);
    }
  });

  it("ends the call if it is never, or later than the deadline", async () => {
    for (const pushback of ["-1", "not now", "9000"]) {
      const { client, attempts } = await setUp(() => Promise.reject(busy({ "grpc-retry-pushback-ms": pushback })));
      expect(await failureOf(client.echo({}, { timeoutMs: 5_000 }))).toMatchObject({ code: Code.Unavailable, rawMessage: "not now" });
      expect(attempts()).toEqual([1, 0]);
    }
  });
});

it("where there is no other endpoint, the same one is asked again", async () => {
  let calls = 0;
  const alone = use(await startEchoServer({ onCall: () => (++calls < 3 ? fails() : undefined) }));
  const { client } = await readyClient(staticTarget(alone));
  expect(await client.echo({ text: "third" })).toMatchObject({ text: "third" });
  expect(previous(alone)).toEqual([undefined, "1", "2"]);
});

it("when everything fails, servers get little more than the calls, and inspect() tells of it", async () => {
  const failing = await Promise.all(["a", "b"].map(async (name) => use(await startEchoServer({ name, onCall: fails }))));
  const { client, transport } = await readyClient(staticTarget(...failing), {
    ejection: false,
    retry: { backoff: { baseMs: 1, maxMs: 1 } },
  });
  for (let batch = 0; batch < 10; batch++) await Promise.all(Array.from({ length: 20 }, () => failureOf(client.echo({}))));
  const attempts = failing.reduce((sum, { calls }) => sum + calls.length, 0);
  expect(attempts).toBe(200 + 0.1 * 200 + 10);
  expect(transport.inspect().retryBudget).toMatchObject({ calls: 200, repeats: 30 });
  expect(transport.inspect().settings.retry).toMatchObject({ value: { backoff: { baseMs: 1, maxMs: 1 }, maxAttempts: 3 }, from: "code" });
});

it("false is what no server has acted on, and no more", async () => {
  const { client, attempts } = await setUp(fails, { retry: false });
  expect(await failureOf(client.echo({}))).toMatchObject({ code: Code.Unavailable });
  expect(attempts()).toEqual([1, 0]);
});

it("a method has a deadline of its own, which a call may set otherwise", async () => {
  const options = { defaultTimeoutMs: 10_000, methods: [[echo, { timeoutMs: 50 }]] as const };
  const { client } = await setUp(() => {}, options);
  const behavior = { delayMs: 100 };
  expect(await failureOf(client.echo({ behavior }))).toMatchObject({ code: Code.DeadlineExceeded });
  expect(await client.echo({ text: "longer", behavior }, { timeoutMs: 5_000 })).toMatchObject({ text: "longer" });
  expect(await client.update({ text: "another", behavior })).toMatchObject({ text: "another" });
});
