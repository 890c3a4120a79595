import { createServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createClient } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type FastifyInstance, fastify } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { Health } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { boundedHttp2Options, createHealthReporter, guarded, protect } from "../../src/server-hooks/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { failureOf } from "../support/failure-of.ts";

type HttpVersion = "1.1" | "2";

const serverFactory = (handler: Parameters<typeof guarded<Http2ServerRequest, Http2ServerResponse>>[0]) =>
  protect(createServer(boundedHttp2Options(), guarded(handler)));

/** A server of Fastify as docs/draining.md puts it together, in virtual time, with a client that keeps its connection. */
async function setUp(httpVersion: HttpVersion) {
  const clock = manualClock();
  const health = createHealthReporter({ limit: true, warmUp: () => {} });
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const options = {
    interceptors: [health.interceptor],
    requestGate: health.requestGate,
    routes: (router: Parameters<typeof health.service.routes>[0]) => {
      health.service.routes(router);
      router.service(EchoService, {
        async update({ text }) {
          if (text !== "held") return { text };
          begun.resolve();
          await held.promise;
          return { text };
        },
      });
    },
  };
  // Two types of the same methods, which TypeScript does not call as one.
  const app = (httpVersion === "2" ? fastify({ http2: true, serverFactory }) : fastify()) as unknown as FastifyInstance;
  await app.register(fastifyConnectPlugin, options);
  app.get("/ready", (_request, reply) => void health.readiness(undefined, reply.raw));
  const drain = health.drainOnSignal(app.server, { clock, signals: [] });
  const closed = drain.done.then(() => app.close());
  const baseUrl = await app.listen({ port: 0, host: "127.0.0.1" });
  health.startWarmUp(options);
  await health.warmedUp;
  const transport = createConnectTransport(httpVersion === "2" ? { baseUrl, httpVersion } : { baseUrl, httpVersion });
  const client = createClient(EchoService, transport);
  /** A call that its handler has. */
  const hold = async () => {
    const call = client.update({ text: "held" });
    await begun.promise;
    return { call, letGo: held.resolve };
  };
  onTestFinished(() => app.close());
  return { app, clock, drain, closed, transport, baseUrl, client, hold };
}

describe.each(["2", "1.1"] as const)("a server of Fastify over HTTP/%s", (httpVersion) => {
  test("serves while it drains, lets calls end when it leaves, and is closed though its client stays", async () => {
    const { app, clock, drain, closed, transport, baseUrl, client, hold } = await setUp(httpVersion);
    if (httpVersion === "1.1") expect((await fetch(`${baseUrl}/ready`)).status).toBe(200);
    const { call, letGo } = await hold();
    drain.start();
    expect(await createClient(Health, transport).check({})).toMatchObject({ status: 2 });
    expect(await client.update({ text: "during" })).toMatchObject({ text: "during" });
    clock.advance(5_000);
    expect(app.server.listening).toBe(false);
    clock.advance(100);
    letGo();
    expect(await call).toMatchObject({ text: "held" });
    await closed;
    expect(clock.pending).toBe(0);
  });

  test("cuts off what is under way when the grace period is over", async () => {
    const { clock, drain, closed, hold } = await setUp(httpVersion);
    const { call } = await hold();
    const failure = failureOf(call);
    drain.start();
    clock.advance(25_000);
    await Promise.all([failure, closed]);
  });
});
