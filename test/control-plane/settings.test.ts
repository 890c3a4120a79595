import { expect, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import type { ServiceDefinition } from "../../control-plane/src/registry/service-definition.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { use } from "../support/use.ts";
import { ConstantCaller } from "./constant-caller.ts";
import { startGrpcJs } from "./grpc-js-xds.ts";
import { hasGrpcio, startGrpcio } from "./grpcio.ts";
import { meshlessPeer } from "./meshless-peer.ts";
import { service } from "./stage.ts";

const peers = [
  meshlessPeer("listener"),
  { name: "grpc-js", start: startGrpcJs },
  ...(hasGrpcio ? [{ name: "gRPC's core", start: startGrpcio }] : []),
];
const settings: readonly Partial<ServiceDefinition>[] = [
  { policy: "roundRobin", ejection: { consecutiveFailures: 5 }, slowStart: { windowMs: 1_000 } },
  { policy: { name: "powerOfTwo", choices: 3 }, ejection: { intervalMs: 1_000, successRateEjection: { stdevFactor: 1_900 } } },
  { policy: "weightedRoundRobin", ejection: { failurePercentageEjection: { threshold: 85, minimumHosts: 5 } } },
];

test.each(peers)("$name takes all policies and ejections that a service may have", { timeout: 60_000 }, async ({ start }) => {
  const servers = await Promise.all(["s0", "s1"].map((name) => startEchoServer({ name })));
  const endpoints = servers.map(({ address }) => address);
  const registry = memoryRegistry({ [service]: { endpoints } });
  const refusals: object[] = [];
  const logger = { debug() {}, info() {}, warn: (details: object) => refusals.push(details), error() {} };
  const controlPlane = use(createControlPlane({ registry, allowAddresses: ["127.0.0.0/8"], logger }));
  const caller = use(new ConstantCaller(await start(await controlPlane.listen("127.0.0.1:0"), service)));
  for (const each of settings) {
    registry.set(service, { endpoints, ...each });
    await caller.until((share) => share("s0") > 0.2 && share("s1") > 0.2);
  }
  expect(refusals).toEqual([]);
  expect(caller.failures).toEqual([]);
  await Promise.all(servers.map((server) => server.kill()));
});
