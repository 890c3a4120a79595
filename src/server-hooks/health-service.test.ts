import { create } from "@bufbuild/protobuf";
import {
  type Client,
  Code,
  type ConnectRouter,
  createClient,
  createRouterTransport,
  type HandlerContext,
  type ServiceImpl,
} from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { failureOf } from "../../test/support/failure-of.ts";
import { Health, HealthCheckRequestSchema, HealthCheckResponse_ServingStatus as Status } from "../gen/grpc/health/v1/health_pb.ts";
import { HealthService } from "./health-service.ts";

/** A service, and a client of it in this process. */
function setUp(...services: string[]) {
  const health = new HealthService(services);
  return { health, client: createClient(Health, createRouterTransport(health.routes)) };
}

/** A watch that ends with the test. */
function watch(client: Client<typeof Health>, service = "") {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const statuses = client.watch({ service }, { signal: abort.signal })[Symbol.asyncIterator]();
  return { next: async () => (await statuses.next()).value?.status };
}

const statusOf = async (client: Client<typeof Health>, service: string) => (await client.check({ service })).status;

test("the server as a whole serves until it is said not to", async () => {
  const { health, client } = setUp();
  expect(await statusOf(client, "")).toBe(Status.SERVING);
  health.set("", false);
  expect(await statusOf(client, "")).toBe(Status.NOT_SERVING);
  expect(health.isServing()).toBe(false);
});

test("a service is as well as the whole until it is set, and then on its own", async () => {
  const { health, client } = setUp("shop.Cart", "shop.Pay");
  health.set("", false);
  health.set("shop.Pay", true);
  health.add("shop.Pay");
  expect([await statusOf(client, "shop.Cart"), await statusOf(client, "shop.Pay")]).toEqual([Status.NOT_SERVING, Status.SERVING]);
  expect([health.isServing("shop.Cart"), health.isServing("shop.Pay"), health.isServing("shop.Ship")]).toEqual([false, true, false]);
});

test("List has the status of all that is known", async () => {
  const { health, client } = setUp("shop.Cart");
  health.set("shop.Pay", false);
  const { statuses } = await client.list({});
  expect(Object.entries(statuses).map(([name, { status }]) => [name, status])).toEqual([
    ["", Status.SERVING],
    ["shop.Cart", Status.SERVING],
    ["shop.Pay", Status.NOT_SERVING],
  ]);
});

test("a service that nobody knows is not found, and a watch of it waits until it is known", async () => {
  const { health, client } = setUp();
  expect(await failureOf(client.check({ service: "shop.Cart" }))).toMatchObject({ code: Code.NotFound });
  const { next } = watch(client, "shop.Cart");
  expect(await next()).toBe(Status.SERVICE_UNKNOWN);
  health.add("shop.Cart");
  expect(await next()).toBe(Status.SERVING);
});

test("a watch tells each change and nothing twice, and to a slow reader the last one", async () => {
  const { health, client } = setUp("shop.Cart");
  const { next } = watch(client, "shop.Cart");
  expect(await next()).toBe(Status.SERVING);
  const second = next();
  health.add("shop.Pay");
  health.set("shop.Cart", true);
  health.set("shop.Cart", false);
  expect(await second).toBe(Status.NOT_SERVING);
  for (const isServing of [true, false, true]) health.set("shop.Cart", isServing);
  expect(await next()).toBe(Status.SERVING);
});

test("once it drains nothing serves, whatever is set", async () => {
  const { health, client } = setUp("shop.Cart");
  const { next } = watch(client, "shop.Cart");
  await next();
  health.drain();
  expect(await next()).toBe(Status.NOT_SERVING);
  health.set("shop.Cart", true);
  health.set("", true);
  expect([await statusOf(client, ""), await statusOf(client, "shop.Cart")]).toEqual([Status.NOT_SERVING, Status.NOT_SERVING]);
});

test("watches end when the service ends, after their last news", async () => {
  const { health, client } = setUp();
  const { next } = watch(client);
  await next();
  health.end();
  expect([await next(), await next()]).toEqual([Status.NOT_SERVING, undefined]);
  const late = watch(client);
  expect([await late.next(), await late.next()]).toEqual([Status.NOT_SERVING, undefined]);
});

test("beyond 1,000 watches a client is told to go on without, until another one ends, though nobody read it to its end", async () => {
  const { health } = setUp();
  const watches = Array.from({ length: 1_000 }, () => watchDirectly(health));
  await Promise.all(watches.map(({ next }) => next()));
  await expect(watchDirectly(health).next()).rejects.toMatchObject({ code: Code.Unimplemented });
  watches[0]?.end();
  expect(await watchDirectly(health).next()).toMatchObject({ value: { status: Status.SERVING } });
});

/** A watch without a transport, which would take seconds for a thousand. Its end is all that Connect tells of a client that has gone. */
function watchDirectly(health: HealthService) {
  const implementation: Partial<ServiceImpl<typeof Health>> = {};
  const router = { service: (_: typeof Health, given: typeof implementation) => Object.assign(implementation, given) };
  health.routes(router as unknown as ConnectRouter);
  const controller = new AbortController();
  const statuses = implementation.watch?.(create(HealthCheckRequestSchema), { signal: controller.signal } as HandlerContext);
  const iterator = (statuses as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  return { next: () => iterator.next(), end: () => controller.abort() };
}
