import { expect, test } from "vitest";
import { startGrpcJs } from "./grpc-js-xds.ts";
import { runUpdateScript } from "./update-script.ts";

test("grpc-js follows a fleet that changes, through xDS alone, without a failed call", { timeout: 120_000 }, async () => {
  expect(await runUpdateScript(startGrpcJs)).toBeGreaterThan(2_000);
});
