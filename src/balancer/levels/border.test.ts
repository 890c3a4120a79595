import { expect, test } from "vitest";
import type { ServiceConfig } from "../../service-config.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { BalancerOptions } from "../balancer-options.ts";
import { createBalancer } from "../create-balancer.ts";

const place = (id: string, zone: string, labels: Readonly<Record<string, string>> = {}) =>
  testEndpoint({ id, locality: { region: "r", zone }, labels });
const a1 = place("a1", "a", { node: "n1" });
const a2 = place("a2", "a", { node: "n2" });
const b3 = place("b3", "b", { node: "n3" });

/** Who gets fifty calls, one after the other. */
function callsOf(options: Partial<BalancerOptions>, endpoints = [a1, a2, b3], config?: ServiceConfig) {
  const balancer = createBalancer({ random: seededRandom(1), slowStart: false, ...options });
  balancer.update(endpoints, 0);
  if (config !== undefined) balancer.configure(config, 0);
  const called = () => {
    const ids = new Set<string | undefined>();
    for (let call = 0; call < 50; call++) {
      const lease = balancer.acquire({ method: "m" }, call);
      lease?.settle(testOutcome("success", { latencyMs: 1 }), call);
      ids.add(lease?.endpoint.id);
    }
    return [...ids].sort().join(" ");
  };
  return { balancer, called };
}

test("calls stay on the client's node where they should, and it has somebody healthy", () => {
  expect(callsOf({ zone: "a", node: "n1", affinity: "node" }).called()).toBe("a1");
  expect(callsOf({ zone: "a", node: "n1" }).called()).toBe("a1 a2");
  expect(callsOf({ zone: "a", affinity: "node" }).called()).toBe("a1 a2");
});

test("without anybody on the node they stay in the zone, and without anybody there they go everywhere", () => {
  expect(callsOf({ zone: "a", node: "n9", affinity: "node" }).called()).toBe("a1 a2");
  expect(callsOf({ zone: "c", node: "n9", affinity: "node" }).called()).toBe("a1 a2 b3");
  const draining = { ...a1, health: "draining" } as const;
  expect(callsOf({ zone: "a", node: "n1", affinity: "node" }, [draining, a2, b3]).called()).toBe("a2");
});

test("who comes to the node, or leaves it, makes a difference at once", () => {
  const { balancer, called } = callsOf({ zone: "a", node: "n1", affinity: "node" }, [a2, b3]);
  expect(called()).toBe("a2");
  balancer.update([a1, a2, b3], 0);
  expect(called()).toBe("a1");
  balancer.update([a2, b3], 0);
  expect(called()).toBe("a2");
});

test("an endpoint that is for other zones is within those, and not within its own", () => {
  const endpoints = [place("a1", "a", { forZones: "b,c" }), a2, b3];
  expect(callsOf({ zone: "a" }, endpoints).called()).toBe("a2");
  expect(callsOf({ zone: "b" }, endpoints).called()).toBe("a1 b3");
  expect(callsOf({ zone: "c" }, endpoints).called()).toBe("a1");
});

test("a zone that discovery finds out counts from then on, unless code says another one", () => {
  const { balancer, called } = callsOf({});
  expect(called()).toBe("a1 a2 b3");
  balancer.configure({ zone: "b" }, 0);
  expect(called()).toBe("b3");
  expect(balancer.position).toEqual({ zone: "b", node: undefined, affinity: "zone" });
  expect(callsOf({ zone: "a" }, [a1, b3], { zone: "b" }).called()).toBe("a1");
});

test("discovery says with whom calls stay, unless code does", () => {
  expect(callsOf({ zone: "a", node: "n1" }, [a1, a2, b3], { affinity: "node" }).called()).toBe("a1");
  expect(callsOf({ zone: "a", node: "n1", affinity: "zone" }, [a1, a2, b3], { affinity: "node" }).called()).toBe("a1 a2");
});
