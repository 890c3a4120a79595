import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../testing/seeded-random.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { testOutcome } from "../../testing/test-outcome.ts";
import type { Balancer } from "../balancer.ts";
import type { BalancerEvent } from "../balancer-event.ts";
import { createBalancer } from "../create-balancer.ts";
import { roundRobin } from "../policies/round-robin.ts";

const CALL = { method: "shop.Checkout/Pay" };
const STEP_MS = 5;

/** A fleet in virtual time: a call each 5 ms, over after 5 ms, that fails with its endpoint's chance. */
class Fleet {
  readonly events: BalancerEvent[] = [];
  readonly #balancer: Balancer;
  readonly #chance;
  #nowMs = 0;

  constructor(size: number, seed: number, maxEjectedShare = 0.5) {
    const onEvent = (event: BalancerEvent) => this.events.push(event);
    this.#balancer = createBalancer({ policy: roundRobin(), random: seededRandom(seed), ejection: { maxEjectedShare }, onEvent });
    this.#chance = seededRandom(seed + 1);
    this.resize(size);
  }

  resize(size: number): void {
    this.#balancer.update(
      Array.from({ length: size }, (_, index) => testEndpoint({ id: `e${index}` })),
      this.#nowMs,
    );
  }

  /**
   * @param failing the share of calls that fail, by endpoint
   * @returns how many failed
   */
  run(forMs: number, failing: (id: string) => number, afterEach?: () => void): number {
    let failures = 0;
    for (const endMs = this.#nowMs + forMs; this.#nowMs < endMs; this.#nowMs += STEP_MS) {
      const lease = this.#balancer.acquire(CALL, this.#nowMs);
      const failed = lease !== undefined && this.#chance() < failing(lease.endpoint.id);
      lease?.settle(testOutcome(failed ? "failure" : "success"), this.#nowMs + STEP_MS);
      if (failed) failures += 1;
      afterEach?.();
    }
    return failures;
  }

  out(): readonly string[] {
    const { members } = this.#balancer.inspect(this.#nowMs);
    return members.filter(({ ejection }) => ejection !== "none").map(({ endpoint }) => endpoint.id);
  }

  ejections(): number {
    return this.events.filter((event) => event.type === "endpointEjected").length;
  }
}

const shares = fc.array(fc.constantFrom(0, 0, 0.02, 0.3, 0.6, 0.9, 1), { minLength: 1, maxLength: 12 });

test("whatever fails, and however the set shrinks, no more than the share is out: at least one of two, none of one", () => {
  fc.assert(
    fc.property(shares, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (failing, maxEjectedShare, seed) => {
      const fleet = new Fleet(failing.length, seed, maxEjectedShare);
      for (const size of [failing.length, Math.ceil(failing.length / 2), 1, failing.length]) {
        fleet.resize(size);
        const bound = size < 2 ? 0 : Math.max(1, Math.floor(maxEjectedShare * size));
        let most = fleet.out().length;
        fleet.run(
          2_000,
          (id) => failing[Number(id.slice(1))] as number,
          () => {
            most = Math.max(most, fleet.out().length);
          },
        );
        expect(most).toBeLessThanOrEqual(bound);
      }
    }),
    { numRuns: 40 },
  );
});

test("once nothing fails any more, everybody is back after the longest ejection", () => {
  fc.assert(
    fc.property(shares, fc.nat(), (failing, seed) => {
      const fleet = new Fleet(failing.length, seed);
      fleet.run(20_000, (id) => failing[Number(id.slice(1))] as number);
      fleet.run(95_000, () => 0);
      expect(fleet.out()).toEqual([]);
    }),
    { numRuns: 15 },
  );
});

test.each([0.05, 0.2, 0.5, 0.8, 1])(
  "when all endpoints fail %d of their calls, nobody is out: an outage does not make itself worse",
  (failing) => {
    for (const size of [2, 3, 10]) {
      const fleet = new Fleet(size, 7);
      fleet.run(5_000, () => 0);
      fleet.run(20_000, () => failing);
      expect(fleet.ejections()).toBe(0);
    }
  },
);

test.each([
  [0.5, 2],
  [0.7, 0.7],
  [1, 0.3],
])(
  "of ten endpoints one fails %d of its calls: over 2 minutes %d %% of all calls at most, and nobody else is out",
  (failing, mostPercent) => {
    const fleet = new Fleet(10, 7);
    const failed = fleet.run(120_000, (id) => (id === "e0" ? failing : 0));
    expect((100 * failed) / (120_000 / STEP_MS)).toBeLessThanOrEqual(mostPercent);
    expect(fleet.events.filter((event) => event.type === "endpointEjected" && event.endpoint.id !== "e0")).toEqual([]);
  },
);
