import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { CallEnd, CallObserver, HedgingOptions, OutcomeKind } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { type SeenCall, startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { preferring } from "../support/preferring.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

type OnCall = (call: SeenCall) => void | Promise<void>;

const never: OnCall = () => new Promise(() => {});
const failing =
  (code: Code, metadata?: Record<string, string>): OnCall =>
  () =>
    Promise.reject(new ConnectError("as asked", code, metadata));

/** Servers in the order in which they are tried, and what an observer heard. */
async function setUp(hedging: true | HedgingOptions, ...behaviours: OnCall[]) {
  const servers = await Promise.all(behaviours.map(async (onCall, n) => use(await startEchoServer({ name: `${n}`, onCall }))));
  const outcomes: OutcomeKind[] = [];
  const ends: CallEnd[] = [];
  const observer: CallObserver = {
    onCall: () => ({
      onAttempt: () => ({ onEnd: ({ outcome }) => void outcomes.push(outcome.kind) }),
      onEnd: (end) => void ends.push(end),
    }),
  };
  const methods = [[EchoService.method.update, { hedging }]] as const;
  const balanced = await readyClient(staticTarget(...servers), { policy: preferring(...servers), methods, observer });
  const attempts = () => servers.map(({ calls }) => calls.length);
  return { servers, attempts, outcomes, ends, ...balanced };
}

describe("a hedged call", () => {
  it("is made elsewhere after the delay; the first answer counts, and the other attempt is cancelled and blames nobody", async () => {
    const { client, servers, attempts, outcomes, ends, transport } = await setUp({ delayMs: 20 }, never, () => {});
    expect(await client.update({ text: "a" })).toMatchObject({ text: "a", server: { name: "1" } });
    expect(attempts()).toEqual([1, 1]);
    await servers[0]?.until(() => servers[0]?.calls[0]?.closed === true);
    expect(servers[0]?.calls[0]?.resetCode).toBe(8);
    await eventually(() => inFlight(transport) === 0);
    expect(outcomes).toEqual(["success", "abandoned"]);
    expect(ends).toEqual([expect.objectContaining({ code: 0, attempts: 2, error: undefined })]);
    expect(servers.map(({ calls }) => calls[0]?.headers["grpc-previous-rpc-attempts"])).toEqual([undefined, "1"]);
    const seen = transport
      .inspect()
      .endpoints.map(({ outcomes: { failure, timeout, success, abandoned } }) => [success, failure + timeout, abandoned]);
    expect(seen).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  it("that is under way when its transport closes is answered, and is not made again", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { client, servers, attempts, transport } = await setUp({ delayMs: 30 }, () => promise, never);
    const call = client.update({ text: "a" });
    await servers[0]?.until(() => servers[0]?.calls.length === 1);
    const closed = transport.close();
    await new Promise((later) => setTimeout(later, 60));
    resolve();
    expect(await call).toMatchObject({ text: "a", server: { name: "0" } });
    await closed;
    expect(attempts()).toEqual([1, 0]);
  });

  it("that is quick is made once", async () => {
    const { client, attempts } = await setUp(
      { delayMs: 5_000 },
      () => {},
      () => {},
    );
    await client.update({});
    expect(attempts()).toEqual([1, 0]);
  });

  it("waits for the slow one where that answers first after all", async () => {
    const { client, attempts } = await setUp({ delayMs: 10 }, () => new Promise((resolve) => setTimeout(resolve, 60)), never);
    expect(await client.update({})).toMatchObject({ server: { name: "0" } });
    expect(attempts()).toEqual([1, 1]);
  });

  it("is made elsewhere at once after an answer that does not end it, and ends with any other", async () => {
    const one = await setUp({ delayMs: 60_000 }, failing(Code.Unavailable), () => {});
    expect(await one.client.update({})).toMatchObject({ server: { name: "1" } });
    const other = await setUp({ delayMs: 10 }, never, failing(Code.NotFound));
    expect(await failureOf(other.client.update({}))).toMatchObject({ code: Code.NotFound });
    await eventually(() => inFlight(other.transport) === 0);
  });

  it("fails with the last failure once all of its attempts have failed", async () => {
    const { client, attempts } = await setUp(
      { delayMs: 1, maxAttempts: 3 },
      failing(Code.Unavailable),
      failing(Code.Unavailable),
      failing(Code.Unavailable),
      () => {},
    );
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage: "as asked" });
    expect(attempts()).toEqual([1, 1, 1, 0]);
  });

  it("heeds a server that says when to come again, or never", async () => {
    const later = await setUp({ delayMs: 60_000 }, failing(Code.Unavailable, { "grpc-retry-pushback-ms": "40" }), () => {});
    const startedAtMs = performance.now();
    expect(await later.client.update({})).toMatchObject({ server: { name: "1" } });
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(39);
    const refusing = await setUp({ delayMs: 60_000 }, failing(Code.Unavailable, { "grpc-retry-pushback-ms": "-1" }), () => {});
    expect(await failureOf(refusing.client.update({}))).toMatchObject({ code: Code.Unavailable });
    expect(refusing.attempts()).toEqual([1, 0]);
  });

  it("is not made twice at once on one endpoint", async () => {
    let let_go: () => void = () => {};
    const { client, servers, attempts } = await setUp({ delayMs: 1 }, () => new Promise<void>((resolve) => (let_go = resolve)));
    const call = client.update({ text: "alone" });
    await servers[0]?.until(() => servers[0]?.calls.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    let_go();
    expect(await call).toMatchObject({ text: "alone" });
    expect(attempts()).toEqual([1]);
  });

  it("that is cancelled cancels all of its attempts, and one past its deadline as well", async () => {
    const { client, servers, transport } = await setUp({ delayMs: 10 }, never, never);
    const controller = new AbortController();
    const cancelled = failureOf(client.update({}, { signal: controller.signal }));
    await Promise.all(servers.map((server) => server.until(() => server.calls.length === 1)));
    controller.abort();
    expect(await cancelled).toMatchObject({ code: Code.Canceled });
    expect(await failureOf(client.update({}, { timeoutMs: 60 }))).toMatchObject({ code: Code.DeadlineExceeded });
    await eventually(() => inFlight(transport) === 0);
    await Promise.all(servers.map((server) => server.until(() => server.calls.every(({ closed }) => closed))));
  });

  it("takes from the budget: where all are slow, a tenth of the calls and ten more are hedged", async () => {
    const slow: OnCall = () => new Promise((resolve) => setTimeout(resolve, 40));
    const { client, attempts, transport } = await setUp({ delayMs: 5 }, slow, slow);
    await Promise.all(Array.from({ length: 100 }, () => client.update({})));
    expect(attempts().reduce((sum, calls) => sum + calls)).toBe(120);
    expect(transport.inspect().retryBudget).toMatchObject({ calls: 100, repeats: 20 });
  });

  it("by default waits as long as 95 % of the calls took, once there were some", async () => {
    let calls = 0;
    const { client, attempts } = await setUp(
      true,
      () => (++calls > 50 ? never({} as SeenCall) : undefined),
      () => {},
    );
    for (let n = 0; n < 50; n++) await client.update({});
    expect(attempts()).toEqual([50, 0]);
    expect(await client.update({})).toMatchObject({ server: { name: "1" } });
  });
});
