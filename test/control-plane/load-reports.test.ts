import { expect, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { use } from "../support/use.ts";
import { startGrpcJs } from "./grpc-js-xds.ts";

test("grpc-js reports its calls, by service and zone, where it is asked to", { timeout: 60_000 }, async () => {
  const { servers } = use(await startEchoFleet(1));
  const endpoints = servers.map(({ port }) => ({ address: "127.0.0.1", port, region: "r", zone: "a" }));
  const registry = memoryRegistry({ "echo.default:8080": { endpoints }, "backup.default:8080": { endpoints: [] } });
  const controlPlane = use(createControlPlane({ registry, allowAddresses: ["127.0.0.0/8"], loadReportIntervalMs: 100 }));
  const port = await controlPlane.listen("127.0.0.1:0");
  const admin = await controlPlane.listenAdmin("127.0.0.1:0");
  const call = await startGrpcJs(port, "echo.default:8080");
  for (let index = 0; index < 50; index++) await call();
  const succeeded = async () => {
    const text = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
    return Number(
      /^meshless_control_plane_load_calls_total\{service="echo.default:8080",region="r",zone="a",outcome="succeeded".*\} (\d+)$/m.exec(
        text,
      )?.[1] ?? 0,
    );
  };
  while ((await succeeded()) < 50);
  expect(await succeeded()).toBe(50);
});
