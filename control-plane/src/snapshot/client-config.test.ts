import { expect, test } from "vitest";
import { createBalancer } from "../../../src/balancer/create-balancer.ts";
import type { Lookup } from "../../../src/discovery/xds/resolution.ts";
import { resolveEndpoints } from "../../../src/discovery/xds/resolve-endpoints.ts";
import { resolveListener } from "../../../src/discovery/xds/resolve-listener.ts";
import type { Known } from "../../../src/discovery/xds/xds-client.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import type { ServiceDefinition } from "../registry/service-definition.ts";
import { serviceDefinition, toService } from "../registry/service-schema.ts";
import { resourceTypes, typeUrls } from "../resource.ts";
import { Catalog } from "./catalog.ts";

const name = "echo.default:8080";

/** What our own client makes of a service, by its endpoints alone and by its listener. */
function configsOf(definition: ServiceDefinition) {
  const catalog = new Catalog(() => {});
  catalog.put(toService(name, serviceDefinition.parse({ endpoints: ["10.0.0.1:80"], ...definition })));
  const lookup = ((kind, asked) => {
    const type = resourceTypes.find((each) => typeUrls[each] === kind.typeUrl) ?? "cluster";
    const bytes = catalog.get(type, asked)?.any.value ?? new Uint8Array();
    const reading = kind.read(bytes);
    if (reading.kind === "bad") throw new Error(reading.problems.join());
    return { kind: "found", value: reading.value, refusal: undefined } satisfies Known<typeof reading.value>;
  }) as Lookup;
  return [resolveEndpoints, resolveListener].map((resolve) => {
    const resolution = resolve(lookup, name);
    if (resolution.kind !== "resolved") throw new Error(resolution.kind);
    return JSON.parse(JSON.stringify(resolution.config), withoutNone) as Record<string, unknown>;
  });
}

/** No parameters are as good as none of them. */
function withoutNone(key: string, value: object): unknown {
  return key === "parameters" && Object.keys(value).length === 0 ? undefined : value;
}

const definitions: readonly ServiceDefinition[] = [
  { policy: "roundRobin" },
  { policy: { name: "powerOfTwo", choices: 3 } },
  { policy: "weightedRoundRobin", circuitBreaker: { maxRequests: 7 } },
  { policy: "roundRobin", retry: { on: ["unavailable", "cancelled", "5xx"], maxRetries: 3, perTryTimeoutMs: 500 } },
  {
    policy: "roundRobin",
    retry: { on: ["unavailable"], maxRetries: 10, backoffMs: 7 },
    circuitBreaker: { retryBudgetPercent: 20, minRetries: 3 },
  },
  { policy: "roundRobin", circuitBreaker: { retryBudgetPercent: 20, minRetries: 3_000 } },
  { policy: "roundRobin", retry: { on: ["5xx"] } },
  { policy: "roundRobin", ejection: { consecutiveFailures: 7 } },
  { policy: "roundRobin", ejection: { intervalMs: 1_000, successRateEjection: { stdevFactor: 1_900 } } },
  { policy: "roundRobin", ejection: { maxEjectionPercent: 20, failurePercentageEjection: { threshold: 85, minimumHosts: 5 } } },
  { policy: "roundRobin", slowStart: { windowMs: 1_000, minShare: 0.2 }, affinity: "node" },
];

test.each(definitions)("a client that asks for endpoints is told what one is that asks for the listener: %j", (definition) => {
  const [byEndpoints, byListener] = configsOf(definition);
  expect(byEndpoints).toEqual(byListener);
  // And can use it.
  expect(() => createBalancer({ random: seededRandom(1) }).configure(byEndpoints ?? {}, 0)).not.toThrow();
});

test("what a service leaves to its clients is not said", () => {
  expect(configsOf({})[0]).toEqual({});
  expect(configsOf({ ejection: { consecutiveFailures: 7 } })[0]).toEqual({});
});
