import fc from "fast-check";
import { test } from "vitest";
import { life, numRuns } from "./ads-commands.ts";
import { AdsWorld } from "./ads-world.ts";
import { ModelPlane } from "./model-plane.ts";

test.each([1, 2])(
  "through any losses and restarts a client of %i control planes ends with what the registry has",
  { timeout: 600_000 },
  (count) => {
    fc.assert(
      fc.property(life, ({ seed, variant, commands, down }) => {
        const planes = Array.from({ length: count }, () => new ModelPlane(variant));
        // The client tries the incremental variant first, whatever the server knows.
        new AdsWorld(seed, "delta", planes).run(commands, count === 1 ? [] : down);
      }),
      { numRuns },
    );
  },
);
