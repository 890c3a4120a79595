import { expect, test } from "vitest";
import { BouncePermits } from "./bounce-permits.ts";

/** Makes calls on servers that bounce whatever they may. Returns how many attempts and bounces there were. */
function saturate(permits: BouncePermits, calls: number): { attempts: number; bounces: number } {
  const total = { attempts: 0, bounces: 0 };
  for (let call = 0; call < calls; call++) {
    for (let bounced = 0; ; bounced++) {
      total.attempts++;
      if (permits.grant(bounced, 3) === 0) break;
      permits.onBounce();
      total.bounces++;
    }
  }
  return total;
}

test("a call may be bounced twice, and then must be taken", () => {
  const permits = new BouncePermits();
  expect([0, 1, 2, 3].map((bounced) => permits.grant(bounced, 3))).toEqual([2, 1, 0, 0]);
});

test("where an endpoint is alone, or there is none, its calls must be taken", () => {
  const permits = new BouncePermits();
  expect([0, 1, 2].map((endpoints) => permits.grant(0, endpoints))).toEqual([0, 0, 2]);
});

test("of the attempts on a fleet that is above its limit, no more than a fifth is bounced", () => {
  const { attempts, bounces } = saturate(new BouncePermits(), 10_000);
  expect(bounces / attempts).toBeLessThanOrEqual(0.2 + 10 / attempts);
  expect(bounces / attempts).toBeGreaterThan(0.19);
});

test("permits are given again once attempts go by without a bounce", () => {
  const permits = new BouncePermits();
  saturate(permits, 1_000);
  for (let attempt = 0; attempt < 50; attempt++) permits.grant(MAX_BOUNCED, 3);
  expect(saturate(permits, 5)).toEqual({ attempts: 15, bounces: 10 });
});

/** A call that was bounced as often as may be. */
const MAX_BOUNCED = 2;
