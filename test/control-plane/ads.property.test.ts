import fc from "fast-check";
import { test } from "vitest";
import { ControlPlaneWorld, type WorldCommand } from "./ads-world.ts";

const numRuns = Number(process.env.MESHLESS_PROPERTY_RUNS ?? (process.env.CI ? 10_000 : 1_000));

const of = fc.constantFrom("cluster" as const, "endpoints" as const, "routes" as const);
const name = fc.constantFrom("a", "b", "c");
const names = fc.subarray(["a", "b", "c"], { minLength: 1 });
const step = <Type extends "toServer" | "toClient" | "respond" | "open" | "close" | "restart" | "complete">(...types: Type[]) =>
  fc.record({ type: fc.constantFrom(...types) });

/** Messages often, changes of mind and of the registry now and then, faults sometimes. */
const command: fc.Arbitrary<WorldCommand> = fc.oneof(
  { weight: 10, arbitrary: step("toServer", "toClient", "respond", "open") },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom("subscribe" as const, "subscribe" as const, "unsubscribe" as const), of, names }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("set" as const), of, name, value: fc.constantFrom("1", "2", "3", undefined) }) },
  { weight: 1, arbitrary: step("close", "restart", "complete", "complete") },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(1, 1_000, 15_000, 60_000) }) },
);
const life = fc.tuple(fc.nat(), fc.constantFrom("delta" as const, "sotw" as const), fc.array(command, { maxLength: 60, size: "max" }));

test(`through any losses and restarts, the client of the SDK ends with what the control plane's registry has (${numRuns} lives)`, {
  timeout: 300_000,
}, () => {
  fc.assert(
    fc.property(life, ([seed, variant, commands]) => new ControlPlaneWorld(seed, variant).run(commands)),
    { numRuns },
  );
});
