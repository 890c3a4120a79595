// What grpc-js and grpc-go test of retries and hedging: the same calls, from our client in gRPC to a server over a socket.
import { constants } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { CallObserver, OutcomeKind } from "../../src/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { sending } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { type SeenCall, startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { use } from "../support/use.ts";
import { hedging, plenty, retrying, service, setUp } from "./configured-client.ts";

/** Succeeds once the server is told of so many attempts before. */
const succeedsAt =
  (previous: number, code = Code.Aborted) =>
  (_: number, { headers }: SeenCall) =>
    Number(headers["grpc-previous-rpc-attempts"] ?? 0) >= previous ? undefined : code;

describe.each([
  ["Client with retries configured", retrying],
  ["Client with hedging configured", hedging],
] as const)("grpc-js: %s", (_, policy) => {
  it("Should be able to make a basic request", async () => {
    const { client, attempts } = await setUp(policy(3, "ABORTED"), () => undefined, {}, 6);
    expect(await client.update({ text: "basic" })).toMatchObject({ text: "basic" });
    expect(attempts()).toBe(1);
  });

  it("Should succeed with few required attempts", async () => {
    const { client, attempts } = await setUp(policy(3, "ABORTED"), succeedsAt(2), {}, 6);
    expect(await client.update({ text: "third" })).toMatchObject({ text: "third" });
    expect(attempts()).toBe(3);
  });

  it("Should fail with many required attempts", async () => {
    const { client, attempts } = await setUp(policy(3, "ABORTED"), succeedsAt(4), {}, 6);
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Aborted });
    expect(attempts()).toBe(3);
  });

  it("Should fail with a fatal status code", async () => {
    const { client, attempts } = await setUp(policy(3, "ABORTED"), succeedsAt(2, Code.NotFound), {}, 6);
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.NotFound });
    expect(attempts()).toBe(1);
  });

  it("Should not be able to make more than 5 attempts", async () => {
    const { client, attempts } = await setUp(policy(10, "ABORTED"), succeedsAt(6), {}, 8);
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Aborted });
    expect(attempts()).toBe(5);
  });
});

it("grpc-js: Client with retries disabled, or enabled but not configured: Should fail if the server fails the first request", async () => {
  for (const options of [{ retry: false }, {}] as const) {
    const { client, attempts } = await setUp({}, succeedsAt(1), {}, 1, options);
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Aborted });
    expect(attempts()).toBe(1);
  }
});

it("grpc-js: Should be able to make more than 5 attempts, with an option of code", async () => {
  const { client, attempts } = await setUp({}, succeedsAt(6), {}, 1, {
    methods: [
      [{ name: "Update", parent: { typeName: service } }, { retry: { maxAttempts: 7, codes: ["aborted"], backoff: { baseMs: 1 } } }],
    ],
  });
  expect(await client.update({ text: "seventh" })).toMatchObject({ text: "seventh" });
  expect(attempts()).toBe(7);
});

it("grpc-go: TestRetryUnary", async () => {
  const answer = (attempt: number) => {
    if ([0, 2, 5].includes(attempt)) return undefined;
    return [6, 8, 11].includes(attempt) ? Code.Internal : Code.AlreadyExists;
  };
  const { client, attempts, codeOf } = await setUp({ waitForReady: true, ...retrying(4, "ALREADY_EXISTS") }, answer);
  const seen: number[][] = [];
  for (let call = 0; call < 7; call++) seen.push([await codeOf(client.update({})), attempts() - 1]);
  const { Internal, AlreadyExists } = Code;
  expect(seen).toEqual([
    [0, 0],
    [0, 2],
    [0, 5],
    [Internal, 6],
    [Internal, 8],
    [Internal, 11],
    [AlreadyExists, 15],
  ]);
});

it("grpc-go: TestRetryThrottling", async () => {
  const answer = (attempt: number) => ([0, 3, 6, 10, 11, 12, 13, 14, 16, 18].includes(attempt) ? undefined : Code.Unavailable);
  const retryThrottling = { maxTokens: 10, tokenRatio: 0.5 };
  const { client, attempts, codeOf } = await setUp(retrying(4, "UNAVAILABLE"), answer, { retryThrottling });
  const seen: number[][] = [];
  for (let call = 0; call < 12; call++) seen.push([await codeOf(client.update({})), attempts() - 1]);
  const failed = Code.Unavailable;
  expect(seen.slice(0, 5)).toEqual([
    [0, 0],
    [0, 3],
    [0, 6],
    [failed, 8],
    [failed, 9],
  ]);
  expect(seen.slice(5)).toEqual([
    [0, 10],
    [0, 11],
    [0, 12],
    [0, 13],
    [0, 14],
    [0, 16],
    [failed, 17],
  ]);
});

it("hedges are throttled as retries are, which grpc-js does not do", async () => {
  const retryThrottling = { maxTokens: 4, tokenRatio: 0.1 };
  const { client, attempts } = await setUp(hedging(3, "UNAVAILABLE"), () => Code.Unavailable, { retryThrottling }, 3);
  for (let call = 0; call < 3; call++) await failureOf(client.update({}));
  expect(attempts()).toBe(2 + 1 + 1);
});

describe("grpc-go: TestRetryStreaming", () => {
  const texts = (...list: string[]) => sending(...list.map((text) => ({ text })));
  const policy = { waitForReady: true, ...retrying(4, "UNAVAILABLE") };
  const first =
    (failures: number, code: Code | ConnectError = Code.Unavailable) =>
    (attempt: number) =>
      attempt < failures ? code : undefined;
  const pushedBack = (value: string) => new ConnectError("later", Code.Unavailable, { "grpc-retry-pushback-ms": value });

  it("Non-retryable error code", async () => {
    const { client, attempts } = await setUp(policy, first(9, Code.Internal));
    expect(await failureOf(client.collect(texts("1")))).toMatchObject({ code: Code.Internal });
    expect(attempts()).toBe(1);
  });

  it("One retry necessary", async () => {
    const { client, attempts } = await setUp(policy, first(1));
    expect(await client.collect(texts("1"))).toMatchObject({ text: "1" });
    expect(attempts()).toBe(2);
  });

  it("Exceed max attempts (4); check attempts header on server", async () => {
    const told: unknown[] = [];
    const { client } = await setUp(policy, (_, { headers }) => {
      told.push(headers["grpc-previous-rpc-attempts"]);
      return Code.Unavailable;
    });
    expect(await failureOf(client.collect(texts("1")))).toMatchObject({ code: Code.Unavailable });
    expect(told).toEqual([undefined, "1", "2", "3"]);
  });

  it("Multiple successive requests; Replaying close send", async () => {
    const { client, attempts } = await setUp(policy, first(2));
    expect(await client.collect(texts("1", "2", "3"))).toMatchObject({ text: "1 2 3", messages: 3 });
    expect(attempts()).toBe(3);
  });

  it("No retry after receiving", async () => {
    const { client, attempts } = await setUp(policy, () => undefined);
    const numbers: number[] = [];
    const reading = (async () => {
      const behavior = { failCode: Code.Unavailable, failAfter: 1 };
      for await (const { number } of client.count({ count: 2, behavior })) numbers.push(number);
    })();
    expect(await failureOf(reading)).toMatchObject({ code: Code.Unavailable });
    expect([numbers, attempts()]).toEqual([[1], 1]);
  });

  it.each(["-1", "xxx", "100, 10"])("Negative, non-numeric and multiple server pushback values - no retry: %s", async (value) => {
    const { client, attempts } = await setUp(policy, first(1, pushedBack(value)));
    expect(await failureOf(client.collect(texts("1")))).toMatchObject({ code: Code.Unavailable });
    expect(attempts()).toBe(1);
  });

  it("1s server pushback - delayed retry (here 100 ms)", async () => {
    const { client } = await setUp(policy, first(1, pushedBack("100")));
    const startedAtMs = performance.now();
    expect(await client.collect(texts("1"))).toMatchObject({ text: "1" });
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(99);
  });

  it("Overflowing buffer - no retry", async () => {
    let attempts = 0;
    const server = use(await startEchoServer());
    const failing = async function* () {
      for (let n = 0; n < 3; n++) yield { text: "x".repeat(700_000), behavior: { failCode: Code.Unavailable } };
      attempts++;
    };
    const serviceConfig = { methodConfig: [{ name: [{ service }], ...policy }] };
    const { client } = await readyClient(staticTarget(server), { protocol: "grpc", serviceConfig, ...plenty });
    expect(await failureOf(client.collect(failing()))).toMatchObject({ code: Code.Unavailable });
    expect([attempts, server.calls.length]).toEqual([1, 1]);
  });
});

it("grpc-go: TestRetryTransparentWhenCommitted: what can't be sent again is not, though no server has seen it", async () => {
  const committed = Promise.withResolvers<void>();
  const refuse = async (attempt: number, call: SeenCall) => {
    if (attempt > 0) return undefined;
    await committed.promise;
    call.reset(constants.NGHTTP2_REFUSED_STREAM);
    return undefined;
  };
  const messages = async function* () {
    for (let n = 0; n < 80; n++) yield { text: `${n}` };
    committed.resolve();
  };
  const long = await setUp(retrying(4, "UNAVAILABLE"), refuse, {}, 2);
  expect(await failureOf(long.client.collect(messages()))).toMatchObject({ code: Code.Unavailable });
  expect(long.attempts()).toBe(1);
  const short = await setUp(retrying(4, "UNAVAILABLE"), refuse, {}, 2);
  expect(await short.client.collect(sending({ text: "once more" }))).toMatchObject({ text: "once more" });
  expect(short.attempts()).toBe(2);
});

it("grpc-go: TestRetryStats: all attempts are told of; those that no server has seen do not count as previous ones", async () => {
  const told: unknown[] = [];
  const outcomes: OutcomeKind[] = [];
  const ends: number[] = [];
  const observer: CallObserver = {
    onCall: () => ({
      onAttempt: () => ({ onEnd: ({ outcome }) => void outcomes.push(outcome.kind) }),
      onEnd: ({ attempts }) => void ends.push(attempts),
    }),
  };
  const answer = (attempt: number, call: SeenCall) => {
    told.push(call.headers["grpc-previous-rpc-attempts"]);
    if (attempt === 0) call.reset(constants.NGHTTP2_REFUSED_STREAM);
    return attempt === 1 ? new ConnectError("later", Code.Unavailable, { "grpc-retry-pushback-ms": "10" }) : undefined;
  };
  const { client } = await setUp(retrying(3, "UNAVAILABLE"), answer, {}, 3, { observer });
  expect(await client.update({ text: "third" })).toMatchObject({ text: "third" });
  expect(told).toEqual([undefined, undefined, "1"]);
  expect([outcomes, ends]).toEqual([["refused", "failure", "success"], [3]]);
});
