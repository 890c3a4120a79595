import { once } from "node:events";
import http2 from "node:http2";
import { credentials, makeGenericClientConstructor, type ServiceError, status } from "@grpc/grpc-js";
import { service as healthDefinition } from "grpc-health-check";
import { expect, onTestFinished, test } from "vitest";
import { createHealthReporter } from "../../src/server-hooks/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { echoService } from "../support/echo-service.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";

interface Answer {
  readonly status: string;
  readonly statuses: Readonly<Record<string, { readonly status: string }>>;
}

/** A server with all hooks, and a client of grpc-js that speaks gRPC's own health.proto. */
async function setUp() {
  const health = createHealthReporter({ maxInFlight: 1, pushback: true });
  const server = http2.createServer(health.handler({ routes: (router) => router.service(EchoService, echoService("health")) }));
  const port = await listenOnLoopback(server);
  const client = new (makeGenericClientConstructor(healthDefinition, "Health"))(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(async () => {
    client.close();
    await closeServer(server);
  });
  const ask = (method: "check" | "list", request: object) =>
    new Promise<Answer>((resolve, reject) => {
      client[method]?.(request, (error: ServiceError | null, answer: Answer) => (error === null ? resolve(answer) : reject(error)));
    });
  return { health, client, ask };
}

test("grpc-js checks the server as a whole and each of its services", async () => {
  const { health, ask } = await setUp();
  const both = async () => [(await ask("check", { service: "" })).status, (await ask("check", { service: EchoService.typeName })).status];
  expect(await both()).toEqual(["SERVING", "SERVING"]);
  health.service.set(EchoService.typeName, false);
  expect(await both()).toEqual(["SERVING", "NOT_SERVING"]);
  health.service.set("", false);
  health.service.set(EchoService.typeName, true);
  expect(await both()).toEqual(["NOT_SERVING", "SERVING"]);
  await expect(ask("check", { service: "x" })).rejects.toMatchObject({ code: status.NOT_FOUND });
});

test("grpc-js lists the services of the routes", async () => {
  const { ask } = await setUp();
  const { statuses } = await ask("list", {});
  expect(Object.keys(statuses).sort()).toEqual(["", "grpc.health.v1.Health", EchoService.typeName]);
});

test("grpc-js watches a service, which is no load, and neither bounced nor reported", async () => {
  const { health, client } = await setUp();
  const watch = client.watch?.({ service: "" });
  const next = async () => ((await once(watch, "data")) as Answer[])[0]?.status;
  const [metadata] = await once(watch, "metadata");
  expect(metadata.get("endpoint-load-metrics-bin")).toEqual([]);
  expect(await next()).toBe("SERVING");
  expect(health.sampler.report()).toMatchObject({ inFlight: 0, requestsPerSecond: 0 });
  health.service.set("", false);
  expect(await next()).toBe("NOT_SERVING");
  health.service.end();
  await once(watch, "end");
});
