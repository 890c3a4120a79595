import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import { createBalancer } from "../create-balancer.ts";
import { describeFindings, type Findings } from "./findings.ts";

const usual: Findings = {
  inFlight: 3,
  usualInFlight: 2.5,
  reported: undefined,
  isTrusted: true,
  isDoubted: false,
  slowness: 1,
  success: 1,
  compliance: 1,
};
const load = "3 of our calls in flight, where 2.5 are usual";

test.each<[Partial<Findings>, string]>([
  [{}, load],
  [{ reported: 14 }, `${load}; it reports 14 in all`],
  [{ reported: 0, isTrusted: false }, `${load}; what it reports is not believed`],
  [{ reported: 0, isDoubted: true }, `${load}; it reports 0 in all; above its fair share, so that a low report does not count`],
  [{ slowness: 1.05 }, load],
  [{ slowness: 4.13 }, `${load}; slow, which makes a call cost 4.1 times as much`],
  [{ success: 0.25 }, `${load}; fails more than others: success is 25 % of the usual`],
  [{ compliance: 0.002 }, `${load}; refuses more calls than others as their callers' fault: it takes 0.2 % of the usual`],
])("%o reads as it should", (findings, sentence) => {
  expect(describeFindings({ ...usual, ...findings })).toBe(sentence);
});

test("the default policy says of one that fails, and of no other, that it fails", () => {
  const balancer = createBalancer({ random: seededRandom(7), ejection: false });
  balancer.update(
    ["a", "b", "broken"].map((id) => testEndpoint({ id })),
    0,
  );
  for (let nowMs = 0; nowMs < 300; nowMs += 1) {
    const lease = balancer.acquire({ method: "shop.Checkout/Pay" }, nowMs);
    lease?.settle(testOutcome(lease.endpoint.id === "broken" ? "failure" : "success"), nowMs);
  }
  const failing = balancer.inspect(300).members.filter(({ policySays }) => policySays?.includes("fails more than others"));
  expect(failing.map(({ endpoint }) => endpoint.id)).toEqual(["broken"]);
});
