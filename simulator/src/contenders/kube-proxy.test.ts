import type { Endpoint } from "meshless/balancer";
import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { expectedMaxOfBins } from "../bounds/theory.ts";
import type { ClientBalancer } from "../contender.ts";
import { callsByEndpoint, endpoints, fakeEnv } from "./fake-env.ts";
import { type KubeProxyOptions, kubeProxy } from "./kube-proxy.ts";

function client(options: KubeProxyOptions, servers: number | readonly Endpoint[], seed = 1): ClientBalancer {
  const created = kubeProxy(options).create({ ...fakeEnv(), random: seededRandom(seed) });
  created.update(typeof servers === "number" ? endpoints(servers) : servers, 0);
  return created;
}

function pick(from: ClientBalancer, nowMs = 0): string | undefined {
  return from.acquire({ method: "" }, nowMs)?.endpoint.id;
}

/** Calls at the hottest server relative to the mean, where every client calls as often: the mean of many fleets. */
function maxOverMean(clients: number, servers: number): number {
  const fleets = Math.max(200, 12_000 / clients);
  const all = endpoints(servers);
  let sum = 0;
  for (let fleet = 0; fleet < fleets; fleet += 1) {
    const counts = new Map<string | undefined, number>();
    for (let index = 0; index < clients; index += 1) {
      const id = pick(client({}, all, fleet * clients + index));
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    sum += (Math.max(...counts.values()) * servers) / clients;
  }
  return sum / fleets;
}

test.each([
  [6, 6, 2.42],
  [20, 6, 1.73],
  [200, 6, 1.22],
  [100, 50, 2.89],
  [500, 50, 1.78],
])("%i clients of %i servers: the hottest gets %f times the mean", (clients, servers, published) => {
  const measured = maxOverMean(clients, servers);
  expect(Math.abs(measured / published - 1)).toBeLessThan(0.03);
  expect(Math.abs(measured / ((expectedMaxOfBins(clients, servers) * servers) / clients) - 1)).toBeLessThan(0.03);
});

test("all calls of a connection go to one pod, and connections take turns", () => {
  expect(callsByEndpoint(client({}, 50), 100).size).toBe(1);
  const counts = callsByEndpoint(client({ connections: 4 }, 1000), 100);
  expect([...counts.values()]).toEqual([25, 25, 25, 25]);
});

test("a new pod gets nothing, even if it is the only one that is idle", () => {
  const one = client({ connections: 8 }, 3);
  one.update(endpoints(100), 1);
  const ids = [...callsByEndpoint(one, 80).keys()];
  expect(ids.every((id) => ["e0", "e1", "e2"].includes(id))).toBe(true);
});

test.each(["gone", "draining", "unhealthy", "unreachable"])(
  "a connection whose pod is %s is drawn anew at once, and stays there",
  (how) => {
    const one = client({}, 4);
    const lost = pick(one) as string;
    const others = endpoints(4).filter(({ id }) => id !== lost);
    const there = endpoints(4).map((endpoint) => (endpoint.id === lost ? { ...endpoint, health: how as "draining" } : endpoint));
    if (how === "unreachable") one.observe(lost, "unreachable", 1);
    else one.update(how === "gone" ? others : there, 1);
    const next = pick(one, 1);
    expect(next).not.toBe(lost);
    if (how === "unreachable") one.observe(lost, "ready", 2);
    else one.update(endpoints(4), 2);
    for (let call = 0; call < 20; call += 1) expect(pick(one, 3)).toBe(next);
  },
);

test("with nobody there it offers nobody, and connects as soon as somebody is", () => {
  const one = kubeProxy({ connections: 2 }).create(fakeEnv());
  expect(pick(one)).toBeUndefined();
  one.update(endpoints(2), 0);
  one.observe("e0", "unreachable", 1);
  one.observe("e1", "unreachable", 1);
  expect(pick(one, 1)).toBeUndefined();
  one.observe("e1", "ready", 2);
  expect([pick(one, 2), pick(one, 2)]).toEqual(["e1", "e1"]);
});

test("another connection is tried when the first leads to a pod that was tried for the call", () => {
  const one = client({ connections: 16 }, 4);
  const avoid = new Set<string>();
  for (let left = 4; left > 0; left -= 1) avoid.add(one.acquire({ method: "", avoid }, 0)?.endpoint.id as string);
  expect([...avoid].sort()).toEqual(["e0", "e1", "e2", "e3"]);
  expect(one.acquire({ method: "", avoid }, 0)).toBeUndefined();
});

test("a connection lives for its maximum age, give or take 10 %, and the first ones are of any age", () => {
  const first: number[] = [];
  const later: number[] = [];
  // Of so many pods, another connection means another pod.
  const pods = endpoints(10_000);
  for (let seed = 0; seed < 200; seed += 1) {
    const one = client({ maxAgeMs: 1000 }, pods, seed);
    const changes: number[] = [];
    let before = pick(one, 0);
    for (let nowMs = 0; changes.length < 3 && nowMs < 10_000; nowMs += 5) {
      const now = pick(one, nowMs);
      if (now !== before) changes.push(nowMs);
      before = now;
    }
    first.push(changes[0] as number);
    later.push((changes[1] as number) - (changes[0] as number), (changes[2] as number) - (changes[1] as number));
  }
  expect(first.filter((age) => age < 500).length / first.length).toBeCloseTo(0.5, 1);
  expect(Math.max(...first)).toBeLessThanOrEqual(1005);
  expect(Math.min(...later)).toBeGreaterThanOrEqual(895);
  expect(Math.max(...later)).toBeLessThanOrEqual(1105);
  expect(Math.max(...later) - Math.min(...later)).toBeGreaterThan(150);
});

test("refuses settings that mean nothing", () => {
  expect(() => kubeProxy({ connections: 0 })).toThrow("connections must be a whole number of at least 1, not 0");
  expect(() => kubeProxy({ maxAgeMs: 0 })).toThrow("maxAgeMs must be above 0, not 0");
});
