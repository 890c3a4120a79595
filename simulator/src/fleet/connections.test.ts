import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { VirtualTime } from "../engine/virtual-time.ts";
import type { Network } from "../scenario.ts";
import { Connections } from "./connections.ts";
import { SimNetwork } from "./network.ts";
import { SimServer } from "./sim-server.ts";

function setup(links: Network = { rttMs: 10 }) {
  const time = new VirtualTime();
  const server = new SimServer("pod-0", 0, { name: "pod", count: 1, cores: 1 }, time);
  server.state = "serving";
  const log: string[] = [];
  const connections = new Connections({
    time,
    network: new SimNetwork(links),
    zone: undefined,
    random: seededRandom(1),
    onConnectivity: (_, connectivity) => log.push(`${Math.round(time.nowMs)} ${connectivity}`),
  });
  const passenger = (name: string) => ({
    send: () => log.push(`${time.nowMs} ${name} sent`),
    onUnreachable: () => log.push(`${time.nowMs} ${name} stranded`),
  });
  return { time, server, connections, log, passenger, runTo: (untilMs: number) => time.run(() => time.nextAtMs > untilMs) };
}

test("a listed endpoint is connected after one and a half round trips; passengers wait for it", () => {
  const { connections, server, log, passenger, runTo } = setup();
  connections.open(server);
  expect(connections.board(server, passenger("call"))).toBe(true);
  runTo(1_000);
  expect(log).toEqual(["0 connecting", "15 ready", "15 call sent"]);
  connections.board(server, passenger("next"));
  expect(log.at(-1)).toBe("15 next sent");
});

test("where nothing listens, it stays unreachable and is tried after 0.5 s, 0.8 s, 1.3 s, ... give or take 20 %, until it is back", () => {
  const { time, connections, server, log, passenger, runTo } = setup();
  server.state = "down";
  connections.open(server);
  connections.board(server, passenger("call"));
  runTo(20);
  expect(log).toEqual(["0 connecting", "15 unreachable", "15 call stranded"]);
  expect(connections.board(server, passenger("next"))).toBe(false);
  time.at(1_000, () => {
    server.state = "serving";
  });
  runTo(10_000);
  expect(log).toHaveLength(4);
  const [atMs, connectivity] = (log[3] as string).split(" ");
  expect(connectivity).toBe("ready");
  expect(Number(atMs)).toBeGreaterThan((500 + 800) * 0.8);
  expect(Number(atMs)).toBeLessThan((500 + 800) * 1.2 + 30);
});

test("the first calls on a connection get there later, evenly less so, and again on the next connection", () => {
  const { connections, server, runTo } = setup({ rttMs: 10, connectionWarmUp: { addedMs: 8, calls: 4 } });
  const delaysMs: number[] = [];
  const board = (calls: number) => {
    for (let call = 0; call < calls; call += 1)
      connections.board(server, { send: (delayMs) => delaysMs.push(delayMs), onUnreachable: () => {} });
  };
  board(6);
  expect(delaysMs.splice(0)).toEqual([8, 6, 4, 2, 0, 0]);
  connections.onLost(server);
  board(1);
  runTo(1_000);
  board(1);
  expect(delaysMs).toEqual([8, 6]);
});

test("a lost connection is made again at once", () => {
  const { connections, server, log, runTo } = setup();
  connections.onLost(server);
  connections.onLost(server);
  runTo(100);
  expect(log).toEqual(["0 connecting", "15 ready"]);
});

test("an endpoint that is no longer listed is not tried any more; who waited is told", () => {
  const { connections, server, log, passenger, runTo } = setup();
  connections.open(server);
  connections.board(server, passenger("call"));
  connections.forget(server);
  runTo(10_000);
  expect(log).toEqual(["0 connecting", "0 call stranded"]);
});
