import { expect, test } from "vitest";
import { use } from "../support/use.ts";
import { Callers } from "./callers.ts";
import { envoyIngress, hasEnvoy } from "./envoy.ts";
import { startGrpcJs } from "./grpc-js-xds.ts";
import { hasGrpcio, startGrpcio } from "./grpcio.ts";
import { meshlessPeer } from "./meshless-peer.ts";
import type { Peer } from "./peer.ts";
import { Stage, service } from "./stage.ts";
import { faultScript, play, updateScript } from "./update-script.ts";

const envoys: readonly Peer[] = [
  { name: "Envoy, aggregated, incremental", start: envoyIngress("DELTA_GRPC", true) },
  { name: "Envoy, aggregated, state of the world", start: envoyIngress("GRPC", true) },
  { name: "Envoy, endpoints alone, incremental", start: envoyIngress("DELTA_GRPC", false) },
  { name: "Envoy, endpoints alone, state of the world", start: envoyIngress("GRPC", false) },
];
const peers: readonly Peer[] = [
  ...(hasEnvoy ? envoys : []),
  ...(hasGrpcio ? [{ name: "gRPC's core", start: startGrpcio }] : []),
  { name: "grpc-js", start: startGrpcJs },
  meshlessPeer("endpoints"),
  meshlessPeer("listener"),
];

test.for([
  { peer: "Envoy", isThere: hasEnvoy },
  { peer: "gRPC's core", isThere: hasGrpcio },
])("$peer is among the peers of the control plane", ({ isThere }, { skip }) => {
  if (!isThere) skip("`npm run peers` installs it");
});

test("all peers follow one control plane through every change and fault, without a failed call", { timeout: 1_200_000 }, async () => {
  const stage = use(await Stage.start());
  const callers = use(await Callers.start(peers, stage.site.port, service));
  await play(updateScript(stage), callers);
  await play(faultScript(stage, callers), callers);
  expect(callers.failures).toEqual({});
  expect(callers.calls).toBeGreaterThan(20_000);
});
