import { kubeconfigClient } from "meshless-kubernetes";
import { expect, test } from "vitest";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes, reader } from "./cluster.ts";
import { Namespace } from "./namespace.ts";
import { ObservedRegistry } from "./observed-registry.ts";

test.skipIf(!hasKubernetes)("a cluster that is lost keeps its last endpoints, and holds up nobody", { timeout: 120_000 }, async () => {
  const [here, there] = [use(await Cluster.start()), use(await Cluster.start())];
  const [shop, theirs] = [await Namespace.create(here, "shop"), await Namespace.create(there, "shop")];
  for (const [namespace, ip] of [
    [shop, "10.40.0.1"],
    [theirs, "10.41.0.1"],
  ] as const) {
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", ip);
  }
  const registry = new ObservedRegistry();
  const remoteClusters = { eu: await kubeconfigClient(there.kubeconfig(reader)) };
  await registry.start(here.kubeconfig(reader), { namespaces: ["shop"], remoteClusters });
  await registry.until(() => registry.isComplete);
  await registry.has("web.shop:80", "10.40.0.1 10.41.0.1");
  await there.killApiserver();
  await registry.until(() => registry.troubles > 0);
  await shop.setSlice("web-1", "10.40.0.1", "10.40.0.2");
  await registry.has("web.shop:80", "10.40.0.1 10.40.0.2 10.41.0.1");
  await there.startApiserver();
  await theirs.setSlice("web-1", "10.41.0.2");
  await registry.has("web.shop:80", "10.40.0.1 10.40.0.2 10.41.0.2");
  expect(registry.history.slice(1).filter((state) => !/10\.41/.test(state))).toEqual([]);
});
