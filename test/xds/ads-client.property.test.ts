import fc from "fast-check";
import { test } from "vitest";
import { type AdsCommand, AdsWorld } from "./ads-world.ts";

const numRuns = Number(process.env.MESHLESS_PROPERTY_RUNS ?? (process.env.CI ? 10_000 : 1_000));

const kind = fc.nat(1);
const variant = fc.constantFrom("delta" as const, "sotw" as const);
const names = fc.subarray(["a", "b", "c"], { minLength: 1 });
const name = fc.constantFrom("a", "b", "c");
const value = fc.constantFrom("1", "2", "3", "bad", undefined);
const of = (...types: ("toServer" | "toClient" | "respond" | "open" | "close")[]) => fc.record({ type: fc.constantFrom(...types) });

/** Messages often, changes of mind and of the registry now and then, faults sometimes. */
const command: fc.Arbitrary<AdsCommand> = fc.oneof(
  { weight: 10, arbitrary: of("toServer", "toClient", "respond", "open") },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom("subscribe" as const, "subscribe" as const, "unsubscribe" as const), kind, names }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("set" as const), kind, name, value }) },
  { weight: 1, arbitrary: of("close") },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(1, 1_000, 15_000, 60_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("restart" as const),
      variant,
      window: fc.constantFrom(1, 3),
      isReplica: fc.boolean(),
    }),
  },
);
const life = fc.tuple(fc.nat(), variant, fc.array(command, { maxLength: 60, size: "max" }));

test(`through any losses and restarts a client ends with what the registry has (${numRuns} lives)`, { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(life, ([seed, variant, commands]) => new AdsWorld(seed, variant).run(commands)),
    { numRuns },
  );
});
