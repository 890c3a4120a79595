import { expect, test } from "vitest";
import type { Endpoint } from "../../src/endpoint.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { scriptedSource } from "../../src/testing/scripted-source.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { testEndpoint } from "../../src/testing/test-endpoint.ts";
import { FakeNetwork } from "./fake-network.ts";
import type { CallSpec } from "./system.ts";
import { createTransportSystem } from "./transport-system.ts";

const ignore = () => {};
const unary: CallSpec = { idempotent: false, isStream: false, gated: false, stopsEarly: false };
const never = new Promise<never>(ignore);

const fleet = (size: number, of: (n: number) => Partial<Endpoint> = () => ({})) =>
  Array.from({ length: size }, (_, n) => testEndpoint({ id: `e${n}`, address: `10.0.${n >> 8}.${n & 255}`, ...of(n) }));

/** The whole transport, on a network that does what the test says. */
async function setUp(endpoints: readonly Endpoint[], zone?: string) {
  const clock = manualClock();
  const network = new FakeNetwork(() => clock.now(), { onDial: ignore, onStream: ignore, onSettings: ignore, onLeft: ignore });
  const source = scriptedSource(endpoints);
  const hooks = { beforeOpen: async () => {}, fault: () => never };
  const system = createTransportSystem({ network, clock, random: seededRandom(1), source, hooks }, zone);
  await network.settle();
  const call = () => system.call(0, unary, new AbortController().signal);
  const answerAll = async () => {
    for (const stream of network.openStreams) {
      stream.respond({ "content-type": "application/proto" });
      stream.finishAnswer();
    }
    await network.settle();
  };
  const acceptAll = async () => {
    for (const session of [...network.sessions]) if (!session.hasSettings) session.sendSettings(100);
    await network.settle();
  };
  return { clock, network, source, system, call, answerAll, acceptAll };
}

test("at most 32 sessions are under way at once, and each that stands makes room for one more", async () => {
  const { network, acceptAll } = await setUp(fleet(100));
  expect(network.sessions).toHaveLength(32);
  network.sessions[0]?.sendSettings(100);
  network.sessions[1]?.failSocket("connect ECONNREFUSED");
  await network.settle();
  expect(network.sessions).toHaveLength(34);
  await acceptAll();
  expect(network.sessions).toHaveLength(66);
});

test("the lowest priority comes first, and in it the own zone; unhealthy endpoints come last", async () => {
  const levels = [
    { locality: { region: "r", zone: "a" } },
    { locality: { region: "r", zone: "b" } },
    { priority: 1, locality: { region: "r", zone: "a" } },
    { health: "unhealthy", locality: { region: "r", zone: "a" } },
  ] as const;
  const { network, acceptAll } = await setUp(
    fleet(160, (n) => levels[3 - (n % 4)] ?? {}),
    "a",
  );
  for (let n = 0; n < 6; n++) await acceptAll();
  const order = network.sessions.map(({ endpoint }) => 3 - (Number(endpoint.id.slice(1)) % 4));
  expect(order).toHaveLength(160);
  expect(order).toEqual([...order].sort());
});

test("connects that hang make room for others after 250 ms", async () => {
  const { clock, network } = await setUp(fleet(100));
  clock.advance(250);
  await network.settle();
  expect(network.sessions).toHaveLength(64);
});

test("a call waits behind no queue: the endpoint that it wants is dialled at once, and so are no others", async () => {
  const { network, call, answerAll } = await setUp(fleet(1_000));
  let answered = false;
  void call().then(() => {
    answered = true;
  });
  await network.settle();
  const wanted = network.sessions[32];
  expect(network.sessions).toHaveLength(33);
  wanted?.sendSettings(100);
  await network.settle();
  await answerAll();
  expect(answered).toBe(true);
});

test("while one endpoint is ready, calls go there and open nothing", async () => {
  const { network, call } = await setUp(fleet(500));
  network.sessions[0]?.sendSettings(100);
  await network.settle();
  for (let n = 0; n < 20; n++) void call();
  await network.settle();
  expect(network.openStreams).toHaveLength(20);
  expect(network.sessions).toHaveLength(33);
});

test("beyond 1,000 endpoints sessions are opened when calls want them, a few for each call", async () => {
  const { network, system, call, acceptAll, answerAll } = await setUp(fleet(1_500));
  for (let n = 0; n < 32; n++) await acceptAll();
  expect(network.sessions).toHaveLength(1_000);
  const idle = () => system.endpoints().filter(({ connectivity }) => connectivity === "idle").length;
  expect(idle()).toBe(500);
  for (let n = 0; n < 200; n++) {
    const opened = network.sessions.length;
    void call();
    await network.settle();
    expect(network.sessions.length - opened).toBeLessThanOrEqual(8);
    await acceptAll();
    await answerAll();
  }
  expect(idle()).toBeLessThan(490);
});

test("whoever leaves the queue is not dialled, and one that leaves makes room among the 1,000", async () => {
  const endpoints = fleet(1_500);
  const { network, source, acceptAll } = await setUp(endpoints);
  source.update(endpoints.slice(0, 40));
  await network.settle();
  for (let n = 0; n < 4; n++) await acceptAll();
  const alive = network.sessions.filter(({ closed, destroyed }) => !closed && !destroyed);
  expect(alive).toHaveLength(40);
  source.update(endpoints.slice(0, 100));
  await network.settle();
  for (let n = 0; n < 4; n++) await acceptAll();
  expect(network.sessions.filter(({ closed, destroyed }) => !closed && !destroyed)).toHaveLength(100);
});
