import { describe, expect, it, onTestFinished } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { use } from "../support/use.ts";
import { callsOf, dynamicEnvoy, hasEnvoy } from "./envoy.ts";

if (!hasEnvoy) console.error("\nMISSING Envoy: it is not tested against the control plane; `npm run peers` installs it\n");

describe.skipIf(!hasEnvoy).each(["GRPC", "DELTA_GRPC"] as const)("Envoy with clusters and routes from the control plane, %s", (variant) => {
  it("takes all that a service may be configured with", { timeout: 60_000 }, async () => {
    const registry = memoryRegistry({
      "a.b:80": {
        endpoints: ["10.0.0.1:80"],
        fallback: ["c.d:80"],
        circuitBreaker: { maxRequests: 77, retryBudgetPercent: 25, minRetries: 5 },
        retry: { on: ["unavailable", "reset"], maxRetries: 2, perTryTimeoutMs: 250, backoffMs: 10, maxBackoffMs: 50 },
        policy: "roundRobin",
        slowStart: { windowMs: 30_000, minShare: 0.2 },
        ejection: { consecutiveFailures: 7, baseEjectionMs: 20_000, failurePercentageEjection: { threshold: 60 } },
      },
      "e.f:80": { policy: { name: "powerOfTwo", choices: 3 }, slowStart: { windowMs: 10_000 } },
      "g.h:80": { policy: "weightedRoundRobin" },
      "c.d:80": { endpoints: ["10.0.0.2:80"] },
    });
    const controlPlane = use(createControlPlane({ registry, loadReportIntervalMs: 1_000 }));
    const ask = await dynamicEnvoy(variant, await controlPlane.listen("127.0.0.1:0"), "a.b:80");
    const { cluster_statuses: clusters } = (await ask("/clusters?format=json")) as {
      readonly cluster_statuses: readonly { readonly name: string }[];
    };
    expect(clusters.map(({ name }) => name).sort()).toEqual([
      "a.b:80",
      "a.b:80/fallback",
      "a.b:80/own",
      "c.d:80",
      "c.d:80/own",
      "control_plane",
      "e.f:80",
      "g.h:80",
    ]);
    expect(clusters.find(({ name }) => name === "a.b:80")).toMatchObject({
      circuit_breakers: { thresholds: expect.arrayContaining([expect.objectContaining({ max_requests: 77 })]) },
    });
    const dump = JSON.stringify(await ask("/config_dump"));
    expect(dump).toMatch(/"retry_on":"unavailable,reset","num_retries":2,"per_try_timeout":"0\.250s"/);
    expect(dump).toMatch(/"consecutive_5xx":7,"base_ejection_time":"20s"/);
    expect(dump).toMatch(/RoundRobin","slow_start_config":\{"slow_start_window":"30s","min_weight_percent":\{"value":20\}\}/);
    expect(dump).toMatch(/"choice_count":3/);
    expect(dump).toMatch(/ClientSideWeightedRoundRobin/);
    const { stats } = (await ask("/stats?format=json&filter=(cds|rds|eds).*update_rejected|update_rejected")) as {
      readonly stats: readonly { readonly name: string; readonly value: number }[];
    };
    expect(stats.length).toBeGreaterThan(1);
    expect(stats.filter(({ value }) => value > 0)).toEqual([]);
  });

  it("calls servers that speak HTTP/2 alone, those of a fallback as well", { timeout: 60_000 }, async () => {
    const server = await startEchoServer({ name: "s0" });
    // Envoy keeps connections that it does not use.
    onTestFinished(() => server.kill());
    const registry = memoryRegistry({ "a.b:80": { endpoints: [server.address] }, "c.d:80": { fallback: ["a.b:80"] } });
    const controlPlane = use(createControlPlane({ registry, allowAddresses: ["127.0.0.0/8"] }));
    const port = await controlPlane.listen("127.0.0.1:0");
    for (const service of ["a.b:80", "c.d:80"]) {
      const call = await callsOf(await dynamicEnvoy(variant, port, service));
      expect(await call()).toBe("s0");
    }
  });
});
