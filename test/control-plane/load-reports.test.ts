import { expect, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { use } from "../support/use.ts";
import { envoyIngress, hasEnvoy } from "./envoy.ts";
import { startGrpcJs } from "./grpc-js-xds.ts";
import { hasGrpcio, startGrpcio } from "./grpcio.ts";
import type { StartPeer } from "./peer.ts";

const service = "echo.default:8080";

test("grpc-js reports its calls, by service and zone, where it is asked to", { timeout: 60_000 }, () => reportsCalls(startGrpcJs));

test.skipIf(!hasGrpcio)("gRPC's core reports its calls, by service and zone, where it is asked to", { timeout: 60_000 }, () =>
  reportsCalls((port, service) => startGrpcio(port, service)),
);

test.skipIf(!hasEnvoy)("Envoy reports its calls, by service and zone, of its own accord", { timeout: 60_000 }, () =>
  reportsCalls(envoyIngress("DELTA_GRPC", true)),
);

async function reportsCalls(start: StartPeer): Promise<void> {
  const { servers } = use(await startEchoFleet(1));
  const endpoints = servers.map(({ port }) => ({ address: "127.0.0.1", port, region: "r", zone: "a" }));
  const registry = memoryRegistry({ [service]: { endpoints, fallback: ["backup.default:8080"] }, "backup.default:8080": {} });
  const controlPlane = use(createControlPlane({ registry, allowAddresses: ["127.0.0.0/8"], loadReportIntervalMs: 100 }));
  const port = await controlPlane.listen("127.0.0.1:0");
  const metrics = `http://127.0.0.1:${await controlPlane.listenAdmin("127.0.0.1:0")}/metrics`;
  const call = await start(port, service);
  for (let index = 0; index < 50; index++) await call();
  const labels = `service="${service}",region="r",zone="a",outcome="succeeded"`;
  const succeeded = async () => {
    const line = (await (await fetch(metrics)).text()).split("\n").find((line) => line.includes(labels));
    return Number(line?.split(" ").at(-1) ?? 0);
  };
  let count = 0;
  while (count < 50) count = await succeeded();
  expect(count).toBeLessThanOrEqual(51); // the core's first call is made while it starts
}
