import { getEventListeners } from "node:events";
import { Code, type Interceptor } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { type BalancedTransportOptions, roundRobin } from "../../src/index.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { type EchoFleet, startEchoFleet } from "../support/echo-fleet.ts";
import { failureOf } from "../support/failure-of.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Puts one signal under every request, as a program does that ends its calls when it shuts down. */
const sharing =
  (signal: AbortSignal): Interceptor =>
  (next) =>
  (request) =>
    next({ ...request, signal });

/** As {@link sharing}, some turns later, and with nothing left of the request that it was given but its context. */
const sharingLater =
  (signal: AbortSignal): Interceptor =>
  (next) =>
  async (request) => {
    await turn();
    return next({ ...request, header: new Headers(request.header), signal });
  };

const ways: readonly (readonly [string, (signal: AbortSignal) => BalancedTransportOptions])[] = [
  ["an interceptor, with gzip", (signal) => ({ interceptors: [sharing(signal)], sendCompression: compressionGzip, compressMinBytes: 1 })],
  [
    "an interceptor, with attempt interceptors that wait",
    (signal) => ({ interceptors: [sharing(signal)], attemptInterceptors: [waiting] }),
  ],
  ["an attempt interceptor that waits", (signal) => ({ attemptInterceptors: [sharingLater(signal)] })],
  [
    "an attempt interceptor that waits, with GET and gzip",
    (signal) => ({ attemptInterceptors: [sharingLater(signal)], useHttpGet: true, sendCompression: compressionGzip, compressMinBytes: 1 }),
  ],
];

const waiting: Interceptor = (next) => async (request) => {
  await turn();
  return next(request);
};

describe.each(ways)("one signal for all calls, set by %s", (_way, options) => {
  async function setUp(fleet: EchoFleet) {
    const stop = new AbortController();
    const balanced = await readyClient(fleet.target, { policy: roundRobin(), ...options(stop.signal) });
    return { stop, listeners: () => getEventListeners(stop.signal, "abort").length, ...balanced };
  }

  it("of 400 at once none fails, each has its own answer, and each goes where it was meant to go", async () => {
    const fleet = use(await startEchoFleet(4));
    const { client } = await setUp(fleet);
    const texts = Array.from({ length: 400 }, (_, n) => `call ${n} `.repeat(20));
    const calls = texts.map((text, n) => (n % 2 === 0 ? client.update({ text }) : client.echo({ text })));
    const answers = await Promise.allSettled(calls);
    expect(answers.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(answers.map((answer) => answer.status === "fulfilled" && answer.value.text)).toEqual(texts);
    expect(fleet.attempts()).toEqual([100, 100, 100, 100]);
  });

  it("no listener stays on it when the calls are over, however they ended", async () => {
    const { client, transport, listeners } = await setUp(use(await startEchoFleet(2)));
    const calls = Array.from({ length: 20 }, (_, n) => [
      client.update({ text: `${n}` }),
      collect(client.count({ count: 3 })),
      failureOf(client.update({ behavior: { failCode: Code.NotFound } })),
    ]);
    await Promise.all(calls.flat());
    await eventually(() => inFlight(transport) === 0 && listeners() === 0);
  });

  it("its abort cancels all", async () => {
    const held = Promise.withResolvers<void>();
    const fleet = use(await startEchoFleet(2, { onCall: () => held.promise }));
    const { client, stop, listeners } = await setUp(fleet);
    const seen = () => fleet.servers.flatMap(({ calls }) => calls);
    const failures = Array.from({ length: 40 }, (_, n) => failureOf(n % 2 === 0 ? client.update({}) : collect(client.count({ count: 1 }))));
    await eventually(() => seen().length === 40);
    stop.abort();
    expect((await Promise.all(failures)).map(({ code }) => code)).toEqual(Array.from({ length: 40 }, () => Code.Canceled));
    await eventually(() => seen().every(({ closed }) => closed) && listeners() === 0);
    held.resolve();
  });
});
