import type { Endpoint } from "meshless/balancer";
import { testOutcome } from "meshless/testing";
import { expect, test } from "vitest";
import { admitted, baseline, type Chooser, type Host, type Hosts } from "./baseline.ts";
import { endpoints } from "./fake-env.ts";

/** Always the first who may take the call. */
function first(): Chooser & { hosts: Hosts; readonly settled: string[] } {
  return {
    hosts: { all: [], healthy: [], callable: [] },
    settled: [],
    hostsChanged(hosts) {
      this.hosts = hosts;
    },
    choose(context) {
      return admitted(context, this.hosts.callable)[0];
    },
    onSettle(host, outcome) {
      this.settled.push(`${host.endpoint.id}: ${outcome.kind}`);
    },
  };
}

function set(...changes: readonly Partial<Endpoint>[]): readonly Endpoint[] {
  return endpoints(changes.length).map((endpoint, index) => ({ ...endpoint, ...changes[index] }));
}

const ids = (hosts: readonly Host[]) => hosts.map(({ endpoint }) => endpoint.id).join();

test("counts a call as in flight from its choice until it is settled, once", () => {
  const chooser = first();
  const client = baseline(chooser);
  client.update(set({}), 0);
  const leases = [client.acquire({ method: "" }, 0), client.acquire({ method: "" }, 0)];
  expect(chooser.hosts.all[0]?.inFlight).toBe(2);
  leases[0]?.settle(testOutcome("success"), 1);
  leases[0]?.settle(testOutcome("failure"), 2);
  expect(chooser.hosts.all[0]?.inFlight).toBe(1);
  expect(chooser.settled).toEqual(["e0: success"]);
});

test("a host stays the same while its id is listed, and a lease of one that left releases nothing of its successor", () => {
  const chooser = first();
  const client = baseline(chooser);
  client.update(set({}), 0);
  const [before] = chooser.hosts.all;
  const lease = client.acquire({ method: "" }, 0);
  client.update(set({ health: "draining" }), 1);
  expect(chooser.hosts.all[0]).toBe(before);
  expect(before?.endpoint.health).toBe("draining");
  client.update([], 2);
  client.update(set({}), 3);
  client.acquire({ method: "" }, 3);
  lease?.settle(testOutcome("success"), 4);
  expect(chooser.hosts.all[0]?.inFlight).toBe(1);
});

test("calls the healthy ones; with none, the others that can be reached", () => {
  const chooser = first();
  const client = baseline(chooser);
  client.update(set({ health: "unhealthy" }, {}, { health: "draining" }, {}), 0);
  expect(ids(chooser.hosts.callable)).toBe("e1,e3");
  client.observe("e1", "unreachable", 1);
  expect(ids(chooser.hosts.callable)).toBe("e3");
  client.observe("e3", "unreachable", 1);
  expect([ids(chooser.hosts.healthy), ids(chooser.hosts.callable), ids(chooser.hosts.all)]).toEqual(["", "e0,e2", "e0,e1,e2,e3"]);
});

test("who was unreachable stays so while a new session is under way, until it stands", () => {
  const chooser = first();
  const client = baseline(chooser);
  client.update(set({}, {}), 0);
  client.observe("e0", "connecting", 0);
  expect(ids(chooser.hosts.callable)).toBe("e0,e1");
  client.observe("e0", "unreachable", 1);
  client.observe("e0", "connecting", 2);
  client.observe("nobody", "unreachable", 2);
  expect(ids(chooser.hosts.callable)).toBe("e1");
  client.observe("e0", "ready", 3);
  expect(ids(chooser.hosts.callable)).toBe("e0,e1");
});

test("goes down a fallback level only when nobody above is healthy", () => {
  const chooser = first();
  const client = baseline(chooser);
  client.update(set({ priority: 1 }, {}, { priority: 1 }), 0);
  expect(ids(chooser.hosts.all)).toBe("e1");
  client.observe("e1", "unreachable", 1);
  expect(ids(chooser.hosts.all)).toBe("e0,e2");
});

test("offers only hosts of the call's shard that were not tried for it, and then nobody", () => {
  const client = baseline(first());
  client.update(set({ labels: { shard: "a" } }, { labels: { shard: "b" } }, { labels: { shard: "b" } }), 0);
  const ask = (...avoid: readonly string[]) => client.acquire({ method: "", shard: "b", avoid: new Set(avoid) }, 0)?.endpoint.id;
  expect([ask(), ask("e1"), ask("e1", "e2")]).toEqual(["e1", "e2", undefined]);
});
