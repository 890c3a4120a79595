import { describe, expect, it } from "vitest";
import { ConfigurationError, createBalancedTransport, type EndpointObserver, type EndpointSource } from "../../src/index.ts";
import { testEndpoint } from "../../src/testing/index.ts";
import { balancedClient, readyClient } from "../support/balanced-client.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { failureOf } from "../support/failure-of.ts";
import { use } from "../support/use.ts";

const watch = { refresh() {}, close() {} };

/** What JavaScript may say to an observer, whatever the types are. */
type Says = { readonly [Method in keyof EndpointObserver]: (said?: unknown) => void };

/** A source whose watch is made by the function that is given. */
function sourceOf(start: (observer: Says) => unknown): EndpointSource {
  return { watch: (_target: string, observer: EndpointObserver) => start(observer as unknown as Says) } as EndpointSource;
}

/** A client of a source that has told a server, and what else it may say. */
async function setUp() {
  const server = use(await startEchoServer());
  let observer: Says | undefined;
  const source = sourceOf((given) => {
    observer = given;
    queueMicrotask(() => given.onUpdate({ endpoints: endpointsOf(server), exists: true }));
    return watch;
  });
  const errors: string[] = [];
  const logger = { debug() {}, info() {}, warn: (_: object, message: string) => void errors.push(message), error() {} };
  const ready = await readyClient(source, { logger });
  return { ...ready, server, errors, says: observer as unknown as Says };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("a source whose watch can't work is refused when the transport is made:", () => {
  const wish = "source: expected an object whose watch method returns at once an object with the methods refresh and close";
  it.each<[string, unknown, string]>([
    ["no source", undefined, `target: expected a text such as "dns:///checkout.shop:8080", or a source with a watch method, got nothing`],
    ["no watch method", {}, "target.watch: expected a method, got nothing"],
    ["an async watch", sourceOf(async () => watch), `${wish}, got a promise`],
    ["an async watch that rejects", sourceOf(() => Promise.reject(new Error("boom"))), `${wish}, got a promise`],
    ["a watch that returns nothing", sourceOf(() => undefined), `${wish}, got nothing`],
    ["a watch that can't be closed", sourceOf(() => ({ refresh() {} })), `${wish}, got {}`],
  ])("%s", async (_, source, message) => {
    expect(() => createBalancedTransport(source as EndpointSource)).toThrow(new ConfigurationError(message));
    await nextTurn();
  });

  it("a watch that throws", () => {
    const source = sourceOf(() => {
      throw new Error("no credentials");
    });
    expect(() => createBalancedTransport(source)).toThrow("no credentials");
  });

  it("an async watch is closed once it is there", async () => {
    let closed = 0;
    const source = sourceOf(async () => ({ refresh() {}, close: () => closed++ }));
    expect(() => createBalancedTransport(source)).toThrow(TypeError);
    await nextTurn();
    expect(closed).toBe(1);
  });
});

const good = testEndpoint({ id: "pod-1", port: 1 });
const name = "expected 1 to 256 characters, none of them control characters";

describe("a bad update is refused as a whole, the last good set stays at work, and the error is told once:", () => {
  const bad = (fields: object) => ({ endpoints: [good, { ...good, id: "pod-2", ...fields }], exists: true });
  it.each<[string, unknown, string]>([
    ["weight -1", bad({ weight: -1 }), `endpoints[1] ("pod-2").weight: expected above 0 to 4294967295, got -1`],
    ["weight NaN", bad({ weight: Number.NaN }), `endpoints[1] ("pod-2").weight: expected above 0 to 4294967295, got NaN`],
    ["weight 0", bad({ weight: 0 }), `endpoints[1] ("pod-2").weight: expected above 0 to 4294967295, got 0`],
    ["weight Infinity", bad({ weight: 1 / 0 }), `endpoints[1] ("pod-2").weight: expected above 0 to 4294967295, got Infinity`],
    ["a health that is unknown", bad({ health: "up" }), `endpoints[1] ("pod-2").health: expected healthy, unhealthy, draining, got "up"`],
    ["a port that is a text", bad({ port: "x" }), `endpoints[1] ("pod-2").port: expected 1 to 65535, got "x"`],
    ["a port out of range", bad({ port: 65_536 }), `endpoints[1] ("pod-2").port: expected 1 to 65535, got 65536`],
    ["no address", bad({ address: "" }), `endpoints[1] ("pod-2").address: expected an IP address or a host name, got ""`],
    ["a priority of 1.5", bad({ priority: 1.5 }), `endpoints[1] ("pod-2").priority: expected a whole number from 0 to 127, got 1.5`],
    ["labels that are no texts", bad({ labels: { shard: 7 } }), `endpoints[1] ("pod-2").labels["shard"]: expected a text, got 7`],
    ["no zone", bad({ locality: { region: "eu" } }), `endpoints[1] ("pod-2").locality.zone: ${name}, got nothing`],
    ["an id twice", bad({ id: "pod-1" }), `endpoints[1] ("pod-1"): has the id of endpoints[0]; ids must be unique`],
    ["no id", bad({ id: undefined }), `endpoints[1].id: ${name}, got nothing`],
    ["no endpoint", { endpoints: [null], exists: true }, "endpoints[0]: expected an endpoint, got null"],
    ["no endpoints", { exists: true }, "endpoints: expected a list of endpoints, got nothing"],
    ["no word on whether it exists", { endpoints: [good] }, "exists: expected true or false, got nothing"],
    ["nothing", undefined, "update: expected an object with endpoints and exists, got nothing"],
  ])("%s", async (_, update, problem) => {
    const { client, transport, server, errors, says } = await setUp();
    says.onUpdate(update);
    says.onUpdate(update);
    await nextTurn();
    const message = `the source's update is refused: ${problem}`;
    expect(transport.inspect()).toMatchObject({ sourceError: message, endpoints: [{ endpoint: { port: server.port } }] });
    expect(errors).toEqual([message]);
    expect(await client.update({ text: "still here" })).toMatchObject({ text: "still here" });
    says.onUpdate({ endpoints: endpointsOf(server), exists: true });
    expect(transport.inspect().sourceError).toBeUndefined();
  });
});

it("labels may be left out, be empty texts, and stand beside fields of the source's own", async () => {
  const { client, server, transport, says } = await setUp();
  const { labels: _, ...unlabelled } = testEndpoint({ id: "a", port: server.port });
  says.onUpdate({ endpoints: [unlabelled, { ...unlabelled, id: "b", labels: { canary: "" }, pod: "p7" }], exists: true });
  expect(transport.inspect().endpoints.map(({ endpoint }) => endpoint.labels)).toEqual([{}, { canary: "" }]);
  await client.update({});
});

describe("a source that says what it should not ends no process, nor any call:", () => {
  it.each<[string, (says: Says) => void, string]>([
    ["an error that is a text", (says) => says.onError("out to lunch"), "out to lunch"],
    ["an error that is nothing", (says) => says.onError(), "undefined"],
    [
      "a notice that is a text",
      (says) => says.onNotice?.("one address"),
      `the source's notice is refused: notice: expected an object with a code and a message, got "one address"`,
    ],
  ])("%s", async (_, say, message) => {
    const { client, transport, errors, says } = await setUp();
    say(says);
    await nextTurn();
    expect(transport.inspect().sourceError).toBe(message);
    expect(errors).toEqual([message]);
    await client.update({});
  });

  it("a bad update before watch returned", async () => {
    const server: EchoServer = use(await startEchoServer());
    const source = sourceOf((observer) => {
      observer.onUpdate({ endpoints: [{ ...good, address: "not a host" }], exists: true });
      observer.onUpdate({ endpoints: endpointsOf(server), exists: true });
      return watch;
    });
    const { client } = balancedClient(source);
    await client.update({});
  });

  it("an address that nobody has, before watch returned", async () => {
    const source = sourceOf((observer) => {
      observer.onUpdate({ endpoints: [testEndpoint({ address: "host.invalid" })], exists: true });
      return watch;
    });
    const { client } = balancedClient(source);
    expect((await failureOf(client.update({}))).rawMessage).toContain("host.invalid");
  });

  it("refresh and close that throw or reject", async () => {
    for (const fails of [
      () => Promise.reject(new Error("boom")),
      () => {
        throw new Error("boom");
      },
    ]) {
      const source = sourceOf((observer) => {
        queueMicrotask(() => observer.onUpdate({ endpoints: [], exists: true }));
        return { refresh: fails, close: fails };
      });
      const { client, transport } = balancedClient(source);
      expect((await failureOf(client.update({}))).rawMessage).toContain("the endpoint set is empty");
      expect(transport.inspect().sourceError).toBe("the source's refresh failed: boom");
      await transport.close();
    }
  });
});
