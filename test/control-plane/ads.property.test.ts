import fc from "fast-check";
import { test } from "vitest";
import { life, numRuns } from "../xds/ads-commands.ts";
import { AdsWorld } from "../xds/ads-world.ts";
import { ServedPlane } from "./served-plane.ts";

test.each([
  [1, 0],
  [2, 0],
  [1, 400],
  [2, 400],
])(
  "through any losses and restarts, the client of the SDK ends with what the registry of %i control planes has, in resources of %i bytes and more",
  {
    timeout: 600_000,
  },
  (count, size) => {
    fc.assert(
      fc.property(life, ({ seed, variant, commands, down }) => {
        const planes = Array.from({ length: count }, () => new ServedPlane(size));
        new AdsWorld(seed, variant, planes).run(commands, count === 1 ? [] : down);
      }),
      { numRuns },
    );
  },
);
