import { afterAll, expect, it } from "vitest";
import { type BalancedTransportOptions, createBalancedTransport, type EndpointSource, type Logger } from "../../src/index.ts";
import { scriptedSource, testEndpoint } from "../../src/testing/index.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const inZone = (zone: string) => testEndpoint({ locality: { region: "r", zone } });

/** DNS whose answer a test can change. */
function fakeDns(...addresses: string[]) {
  const answer = { addresses };
  return { answer, resolver: { lookup: async () => answer.addresses, resolveSrv: async () => [] } };
}

function transportOf(target: string | EndpointSource, options: BalancedTransportOptions = {}) {
  const transport = use(createBalancedTransport(target, options));
  return { transport, codes: () => transport.inspect().notices.map(({ code }) => code) };
}

/** What the process was warned of, in this file. */
const warned: { readonly code?: string; readonly name: string }[] = [];
const listener = (warning: Error) => warned.push(warning);
process.on("warning", listener);
afterAll(() => void process.off("warning", listener));

function recordingLogger() {
  const logged: string[] = [];
  const logger: Logger = { debug() {}, info() {}, warn: (_, message) => logged.push(message), error() {} };
  return { logged, logger };
}

it("whoever gave a logger hears of each notice once, and the process is not warned", async () => {
  const { logger, logged } = recordingLogger();
  const source = scriptedSource([inZone("b")]);
  const { codes } = transportOf(source, { zone: "a", logger });
  await eventually(() => codes().length === 1);
  source.update([inZone("c")]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(logged.filter((message) => message.startsWith("zone"))).toHaveLength(1);
  expect(warned).toEqual([]);
});

it("one address behind dns: is a notice, until the addresses change", async () => {
  const { answer, resolver } = fakeDns("10.0.0.1");
  const dns = { resolver, refreshIntervalMs: 1, minRefreshIntervalMs: 1 };
  const { transport, codes } = transportOf("dns:///checkout.shop:80", { discovery: { dns } });
  await eventually(() => transport.inspect().state === "open");
  expect(transport.inspect().notices).toEqual([
    { code: "single-address", message: expect.stringContaining("make the Service headless (clusterIP: None)") },
  ]);
  answer.addresses = ["10.0.0.1", "10.0.0.2"];
  await eventually(() => codes().length === 0);
});

it("one address of the own machine is nothing to notice", async () => {
  const { transport, codes } = transportOf("dns:///localhost:80", {
    discovery: { dns: { resolver: fakeDns("::1", "127.0.0.1").resolver } },
  });
  await eventually(() => transport.inspect().state === "open");
  expect(codes()).toEqual([]);
});

it("a zone with a target that knows no zones is a notice", async () => {
  const { transport } = transportOf("static:///127.0.0.1:1,127.0.0.1:2", { zone: "eu-1a" });
  await eventually(() => transport.inspect().state === "open");
  expect(transport.inspect().notices).toEqual([
    { code: "zones-not-known", message: expect.stringMatching(/^zone "eu-1a" does nothing for static:.*leave it out/) },
  ]);
});

it("a zone that no endpoint is in is a notice that names those there are, until one is", async () => {
  const source = scriptedSource([inZone("eu-1a"), testEndpoint({ address: "10.0.0.2", locality: { region: "r", zone: "eu-1b" } })]);
  const { transport, codes } = transportOf(source, { zone: "eu-1" });
  await eventually(() => transport.inspect().state === "open");
  expect(transport.inspect().notices).toEqual([
    { code: "zone-not-found", message: expect.stringMatching(/zone "eu-1".*none of 2 endpoints is in it.*"eu-1a", "eu-1b"/) },
  ]);
  source.update([inZone("eu-1")]);
  expect(codes()).toEqual([]);
  source.update([inZone("eu-1a")]);
  expect(codes()).toEqual([]);
});

it("no zone, an empty one, or no endpoints, are nothing to notice", async () => {
  const given = [
    transportOf(scriptedSource([testEndpoint()])),
    transportOf(scriptedSource([testEndpoint()]), { zone: "" }),
    transportOf(scriptedSource([]), { zone: "a" }),
  ];
  await eventually(() => given.every(({ transport }) => transport.inspect().state === "open"));
  expect(given.flatMap(({ codes }) => codes())).toEqual([]);
});

it("the first notice of each code warned the process, and no later one", async () => {
  const { codes } = transportOf(scriptedSource([inZone("b")]), { zone: "a" });
  await eventually(() => codes().length === 1);
  await new Promise((resolve) => setImmediate(resolve));
  const ours = warned.filter(({ name }) => name === "MeshlessWarning");
  expect(ours.map(({ code }) => code).sort()).toEqual(["single-address", "zone-not-found", "zones-not-known"]);
});
