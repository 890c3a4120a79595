import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { systemClock } from "../../src/clock.ts";
import { controlPlaneChannel } from "../../src/control-plane-channel.ts";
import { controlPlaneTransport } from "../../src/create-balanced-transport.ts";
import { bootstrapOf } from "../../src/discovery/xds/bootstrap.ts";
import { xdsSource } from "../../src/discovery/xds-source.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { Changes } from "../support/until.ts";
import { use } from "../support/use.ts";

const name = "echo.default:8080";
/** Nobody listens there, and of so many hardly any is dialled. */
const addressOf = (index: number) => `127.0.${Math.floor(index / 200)}.${(index % 200) + 1}:1`;
const addresses = (count: number) => Array.from({ length: count }, (_, index) => addressOf(index));

/** What a client of a control plane behind a proxy knows, without a connection to any of it. */
async function clientOf(count: number) {
  const registry = memoryRegistry({ [name]: { endpoints: addresses(count) } });
  const plane = use(createControlPlane({ registry, allowAddresses: ["127.0.0.0/8"] }));
  const proxy = use(await startTcpProxy(await plane.listen("127.0.0.1:0")));
  const parts = { clock: systemClock, random: Math.random };
  const source = xdsSource({
    bootstrap: bootstrapOf({ controlPlane: proxy.address }, {}, undefined),
    servers: [{ label: "plane", target: `static:///${proxy.address}`, credentials: undefined }],
    allowAddresses: ["127.0.0.0/8"],
    ...parts,
    loadChannel: async () => (server) => controlPlaneChannel(() => controlPlaneTransport(server.target, undefined, parts)),
  });
  const changes = new Changes();
  let known: readonly string[] = [];
  const watch = source.watch(name, {
    onUpdate({ endpoints = [] }) {
      known = endpoints.map(({ address, port }) => `${address}:${port}`);
      changes.announce();
    },
    onError() {},
  });
  onTestFinished(() => watch.close());
  const knows = (wanted: readonly string[]) => changes.until(() => known.toSorted().join() === wanted.toSorted().join());
  return { registry, proxy, knows };
}

test("of a service of 1,000 endpoints, 40 changes take a client fewer bytes than its endpoints once more", async () => {
  const { registry, proxy, knows } = await clientOf(1_000);
  let endpoints = addresses(1_000);
  // A connection that has brought more is cut: about all endpoints, and half of them.
  proxy.limitData(48_000);
  await knows(endpoints);
  for (let change = 0; change < 40; change++) {
    endpoints = [...endpoints.toSpliced((change * 37) % 900, 1), addressOf(1_000 + change)];
    registry.set(name, { endpoints });
    await knows(endpoints);
  }
  expect(proxy.accepted()).toBe(1);
});

test("a client that comes back is told what has changed meanwhile", async () => {
  const { registry, proxy, knows } = await clientOf(1_000);
  await knows(addresses(1_000));
  await proxy.down();
  for (let count = 1_001; count <= 1_010; count++) registry.set(name, { endpoints: addresses(count) });
  proxy.limitData(20_000);
  await proxy.up();
  await knows(addresses(1_010));
  registry.set(name, { endpoints: addresses(1_005) });
  await knows(addresses(1_005));
  expect(proxy.accepted()).toBe(2);
});
