import type { Endpoint } from "meshless/balancer";
import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { VirtualTime } from "../engine/virtual-time.ts";
import type { Discovery, ServerGroup } from "../scenario.ts";
import { SimDiscovery } from "./discovery.ts";
import { presenceOf } from "./presence.ts";
import { SimServer } from "./sim-server.ts";

function follow(groups: readonly Partial<ServerGroup>[], discovery: Discovery = { delayMs: 0 }, seed = 1) {
  const time = new VirtualTime();
  const servers = groups.map((fields, i) => {
    const group = { name: `pod-${i}`, count: 1, cores: 1, ...fields };
    return { server: new SimServer(group.name, i, group, time), presence: presenceOf(group, 0) };
  });
  const simulated = new SimDiscovery(time, servers, discovery);
  const told: { atMs: number; endpoints: readonly Endpoint[] }[] = [];
  simulated.follow({ learn: (endpoints) => told.push({ atMs: time.nowMs, endpoints }) }, seededRandom(seed));
  simulated.start();
  time.run(() => false);
  const show = (endpoints: readonly Endpoint[]) =>
    endpoints.map(({ id, health }) => (health === "healthy" ? id : `${id} ${health}`)).join(", ");
  return {
    initial: show(simulated.initial),
    told: told.map(({ atMs, endpoints }) => `${atMs}: ${show(endpoints)}`),
    times: told.map(({ atMs }) => atMs),
    sizes: told.map(({ endpoints }) => endpoints.length),
    endpoints: simulated.initial,
  };
}

test("those without a joining time are known from the start, and described as the scenario has them", () => {
  const { initial, endpoints } = follow([{ zone: "a", weight: 2, priority: 1 }, {}, { joins: { atMs: 100 } }]);
  expect(initial).toBe("pod-0, pod-1");
  expect(endpoints[0]).toMatchObject({ weight: 2, priority: 1, locality: { zone: "a" } });
  expect(endpoints[1]).not.toHaveProperty("locality");
});

test("joining, draining and leaving are told in their order; a stale one stays listed", () => {
  const { told } = follow([{}, { joins: { atMs: 100 } }, { leaves: { atMs: 300, drainMs: 100, staysListedMs: 50 } }]);
  expect(told).toEqual(["100: pod-0, pod-1, pod-2", "200: pod-0, pod-1, pod-2 draining", "350: pod-0, pod-1"]);
});

test("what is known comes late, by the delay ± 50 %", () => {
  const groups = Array.from({ length: 200 }, (_, i) => ({ joins: { atMs: 10_000 * (i + 1) } }));
  const delays = follow(groups, { delayMs: 400 }).times.map((atMs) => atMs % 10_000);
  expect(delays).toHaveLength(200);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(200);
  expect(Math.min(...delays)).toBeLessThan(220);
  expect(Math.max(...delays)).toBeGreaterThan(580);
  expect(Math.max(...delays)).toBeLessThan(600);
});

test("an older set never replaces a newer one that overtook it", () => {
  const { sizes } = follow(
    Array.from({ length: 200 }, (_, i) => ({ joins: { atMs: 1_000 + i * 10 } })),
    { delayMs: 400 },
  );
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(sizes.length).toBeLessThan(200);
  expect(sizes.at(-1)).toBe(200);
});

test("in a stall nothing is told; afterwards the newest set is", () => {
  const { told } = follow([{}, { joins: { atMs: 100 } }, { joins: { atMs: 200 } }], { delayMs: 0, stalls: [{ fromMs: 150, toMs: 900 }] });
  expect(told).toEqual(["100: pod-0, pod-1", "900: pod-0, pod-1, pod-2"]);
});
