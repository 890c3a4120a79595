import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import type { Registry, RegistryObserver } from "../../control-plane/src/registry/registry.ts";
import { createBalancedTransport } from "../../src/index.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const name = "echo.default:8080";
const endpoints = [
  { address: "127.0.0.1", port: 1, zone: "a" },
  { address: "127.0.0.1", port: 2, zone: "b" },
];

/** A control plane that knows nodes as well, and what else it is told of them. */
async function planeWith(...nodes: readonly string[]) {
  const registry = memoryRegistry({ [name]: { endpoints } });
  const observers: RegistryObserver[] = [];
  const withNodes: Registry = {
    ...registry,
    watch(observer) {
      observers.push(observer);
      for (const node of nodes) observer.node?.(node, { region: "r", zone: "a" });
      return registry.watch(observer);
    },
  };
  const plane = use(createControlPlane({ registry: withNodes, allowAddresses: ["127.0.0.0/8"] }));
  const controlPlane = `127.0.0.1:${await plane.listen("127.0.0.1:0")}`;
  const move = (node: string, zone: string) => observers[0]?.node?.(node, { region: "r", zone });
  const transportOn = (options: object, first: "endpoints" | "listener" = "endpoints") => {
    const transport = createBalancedTransport(`xds:///${name}`, { discovery: { xds: { controlPlane, first } }, ...options });
    onTestFinished(() => transport.close());
    return transport;
  };
  return { transportOn, move };
}

test.each(["endpoints", "listener"] as const)("a client that knows its node has its zone with its first %s", async (first) => {
  const { transportOn, move } = await planeWith("n1");
  const transport = transportOn({ node: "n1" }, first);
  await eventually(() => transport.inspect().endpoints.length > 0);
  expect(transport.inspect().zone).toBe("a");
  expect(transport.inspect().notices).toEqual([]);
  move("n1", "b");
  await eventually(() => transport.inspect().zone === "b");
});

test("a node that becomes known is told, and nobody waits for it", async () => {
  const { transportOn, move } = await planeWith();
  const transport = transportOn({ node: "n2" });
  await eventually(() => transport.inspect().endpoints.length > 0);
  expect(transport.inspect()).toMatchObject({ zone: undefined });
  expect(transport.inspect().sourceError).toBeUndefined();
  move("n2", "b");
  await eventually(() => transport.inspect().zone === "b");
});

test("what code says of the zone counts before all, and nobody is asked then", async () => {
  const { transportOn } = await planeWith("n1");
  const transport = transportOn({ node: "n1", zone: "b" });
  await eventually(() => transport.inspect().endpoints.length > 0);
  expect(transport.inspect().zone).toBe("b");
});
