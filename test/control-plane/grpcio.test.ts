import { expect, test } from "vitest";
import { hasGrpcio, startGrpcio } from "./grpcio.ts";
import { runUpdateScript } from "./update-script.ts";

if (!hasGrpcio) console.error("\nMISSING grpcio: gRPC's core is not tested against the control plane; `npm run peers` installs it\n");

test.skipIf(!hasGrpcio)(
  "gRPC's core follows a fleet that changes, through xDS alone, without a failed call",
  { timeout: 120_000 },
  async () => {
    expect(await runUpdateScript(startGrpcio)).toBeGreaterThan(2_000);
  },
);
