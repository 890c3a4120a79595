// What grpc-go tests of the service config: the same calls, from our client in gRPC to a server over a socket. Which configs can be read is in
// src/grpc-service-config.test.ts.
import { Code, createContextValues } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { waitForReady } from "../../src/index.ts";
import { scriptedSource } from "../../src/testing/index.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { failureOf } from "../support/failure-of.ts";
import { use } from "../support/use.ts";
import { retrying, service, setUp } from "./configured-client.ts";

it("grpc-go: TestServiceConfigTimeout: the shorter deadline counts, the config's or the call's", async () => {
  const { client, codeOf } = await setUp({ timeout: "0.08s" }, () => undefined);
  const behavior = { delayMs: 200 };
  expect(await codeOf(client.update({ behavior }))).toBe(Code.DeadlineExceeded);
  expect(await codeOf(client.update({ behavior }, { timeoutMs: 10_000 }))).toBe(Code.DeadlineExceeded);
  const startedAtMs = performance.now();
  expect(await codeOf(client.update({ behavior }, { timeoutMs: 10 }))).toBe(Code.DeadlineExceeded);
  expect(performance.now() - startedAtMs).toBeLessThan(75);
  expect(await codeOf(client.update({}))).toBe(0);
});

it("grpc-go: TestGetMethodConfig: the method's own config counts before that of its service, and this before the default", async () => {
  const attemptsWith = async (...names: object[]) => {
    const methodConfig = names.map((name, place) => ({ name: [name], ...retrying(place + 2, "ABORTED") }));
    const { client, attempts } = await setUp({}, () => Code.Aborted, { methodConfig });
    await failureOf(client.update({}));
    return attempts();
  };
  const [anything, all, own] = [{}, { service }, { service, method: "Update" }];
  expect(await attemptsWith(all, own)).toBe(3);
  expect(await attemptsWith(own, all)).toBe(2);
  expect(await attemptsWith(anything, all, { service, method: "Echo" })).toBe(3);
  expect(await attemptsWith(anything, { service: "grpc.testing.TestService" })).toBe(2);
  expect(await attemptsWith({ service, method: "Echo" })).toBe(1);
});

it("grpc-go: TestServiceConfigWaitForReady: what the call says counts before the config", async () => {
  const server = use(await startEchoServer());
  const timeoutMs = 100;
  const saying = (wait: boolean) => ({ timeoutMs, contextValues: createContextValues().set(waitForReady, wait) });
  const withConfig = (wait: boolean) => {
    const source = scriptedSource([]);
    const serviceConfig = { methodConfig: [{ name: [{ service }], waitForReady: wait }] };
    return { source, ...balancedClient(source, { protocol: "grpc", serviceConfig }) };
  };
  const patient = withConfig(true);
  expect(await failureOf(patient.client.update({}, { timeoutMs }))).toMatchObject({ code: Code.DeadlineExceeded });
  expect(await failureOf(patient.client.update({}, saying(false)))).toMatchObject({ code: Code.Unavailable });
  const quick = withConfig(false);
  expect(await failureOf(quick.client.update({}, { timeoutMs }))).toMatchObject({ code: Code.Unavailable });
  expect(await failureOf(quick.client.update({}, saying(true)))).toMatchObject({ code: Code.DeadlineExceeded });
  const waiting = patient.client.update({ text: "at last" });
  patient.source.update(endpointsOf(server));
  expect(await waiting).toMatchObject({ text: "at last" });
});
