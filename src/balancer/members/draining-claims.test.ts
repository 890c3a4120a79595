import { expect, test } from "vitest";
import type { LoadReport } from "../../load-report.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import { createBalancer } from "../create-balancer.ts";

const REPORT: LoadReport = { requestsPerSecond: 100, errorsPerSecond: 0, utilization: 0.5 };
const CLAIM: LoadReport = { ...REPORT, draining: true };

function balancerOf(...ids: readonly string[]): Balancer {
  const balancer = createBalancer({ random: seededRandom(7), slowStart: false });
  update(balancer, ids, 0);
  return balancer;
}

function update(balancer: Balancer, ids: readonly string[], nowMs: number): void {
  balancer.update(
    ids.map((id) => testEndpoint({ id })),
    nowMs,
  );
}

/** Who gets calls. */
function served(balancer: Balancer, nowMs = 0): string {
  const ids = new Set<string>();
  for (let call = 0; call < 100; call += 1) {
    const lease = balancer.acquire({ method: "m" }, nowMs);
    if (lease !== undefined) ids.add(lease.endpoint.id);
    lease?.settle(testOutcome("abandoned"), nowMs);
  }
  return [...ids].sort().join("");
}

function eligible(balancer: Balancer, nowMs: number): string {
  const members = balancer.inspect(nowMs).members.filter((member) => member.eligible);
  return members.map((member) => member.endpoint.id).join("");
}

test("up to half of the members are believed to be draining; if more say so, nobody is", () => {
  const balancer = balancerOf("a", "b", "c", "d");
  const heard = [..."abcd"].map((id) => {
    balancer.observe(id, CLAIM, 0);
    return served(balancer);
  });
  expect(heard).toEqual(["bcd", "cd", "abcd", "abcd"]);
  expect(balancer.inspect(0)).toMatchObject({ eligible: 4, panic: false });
});

test("those who still say so are believed once the others take it back", () => {
  const balancer = balancerOf("a", "b", "c", "d");
  for (const id of "abc") balancer.observe(id, CLAIM, 0);
  expect(served(balancer)).toBe("abcd");
  balancer.observe("b", REPORT, 0);
  expect(served(balancer)).toBe("bd");
  balancer.observe("c", REPORT, 0);
  expect(served(balancer)).toBe("bcd");
});

test("a claim runs out after 30 s, which may make others credible; asking tells it before anybody noticed", () => {
  const balancer = balancerOf("a", "b", "c", "d");
  balancer.observe("a", CLAIM, 0);
  for (const id of "bc") balancer.observe(id, CLAIM, 10_000);
  expect(served(balancer, 29_999)).toBe("abcd");
  expect(eligible(balancer, 29_999)).toBe("abcd");
  expect(eligible(balancer, 30_000)).toBe("ad");
  expect(served(balancer, 30_000)).toBe("ad");
  expect(served(balancer, 40_000)).toBe("abcd");
});

test("who comes and goes changes what most of them are", () => {
  const balancer = balancerOf("a", "b", "c", "d");
  for (const id of "ab") balancer.observe(id, CLAIM, 0);
  expect(served(balancer)).toBe("cd");
  update(balancer, ["a", "b", "c"], 0);
  expect(served(balancer)).toBe("abc");
  update(balancer, ["a", "c"], 0);
  expect(served(balancer)).toBe("c");
  update(balancer, ["a"], 0);
  expect(served(balancer)).toBe("a");
});

test("those who are not believed any more have their full share at once: they would be missed", () => {
  const balancer = createBalancer({ random: seededRandom(7) });
  update(balancer, ["a", "b", "c", "d"], 0);
  for (const id of "abc") balancer.observe(id, CLAIM, 0);
  expect(balancer.inspect(0).members.map(({ reason }) => reason)).toEqual([
    ...Array.from({ length: 3 }, () => "eligible although draining: its report says so"),
    "eligible",
  ]);
  const counts = new Map<string, number>();
  for (let call = 0; call < 4_000; call += 1) {
    const id = balancer.acquire({ method: "m" }, 0)?.endpoint.id as string;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const count of counts.values()) expect(Math.abs(count / 1_000 - 1)).toBeLessThan(0.1);
});

test("one who takes back a claim that was not believed was never away, and does not ramp up", () => {
  const balancer = createBalancer({ random: seededRandom(7) });
  update(balancer, ["a", "b", "c", "d"], 0);
  for (const id of "abc") balancer.observe(id, CLAIM, 0);
  balancer.observe("c", REPORT, 0);
  expect(balancer.inspect(0).members.map(({ eligible: isEligible, reason }) => isEligible && reason)).toEqual([
    false,
    false,
    "eligible",
    "eligible",
  ]);
  balancer.observe("b", REPORT, 0);
  expect(balancer.inspect(0).members[1]?.reason).toBe("eligible, in slow start at 10 %");
});
