import { describe, expect, it } from "vitest";
import { type EnvoyVariant, envoyIngress, hasEnvoy } from "./envoy.ts";
import { runUpdateScript } from "./update-script.ts";

if (!hasEnvoy) console.error("\nMISSING Envoy: it is not tested against the control plane; `npm run peers` installs it\n");

const variants = (["GRPC", "DELTA_GRPC"] as const satisfies EnvoyVariant[]).flatMap((variant) => [
  { variant, isAggregated: true },
  { variant, isAggregated: false },
]);

describe.skipIf(!hasEnvoy).each(variants)("Envoy, $variant, aggregated: $isAggregated", ({ variant, isAggregated }) => {
  it("follows a fleet that changes, without a failed call", { timeout: 120_000 }, async () => {
    expect(await runUpdateScript(envoyIngress(variant, isAggregated))).toBeGreaterThan(2_000);
  });
});
