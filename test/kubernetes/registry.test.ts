import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReflectorTiming } from "../../kubernetes/src/reflector/reflector-timing.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes, reader } from "./cluster.ts";
import { Namespace } from "./namespace.ts";
import { ObservedRegistry } from "./observed-registry.ts";

const apiservers = [
  { version: "1.36, with watch-list", flags: [], lists: false },
  { version: "1.33, without watch-list", flags: ["--emulated-version=kube=1.33"], lists: true },
];

describe.skipIf(!hasKubernetes).each(apiservers)("Kubernetes $version", { timeout: 60_000 }, ({ flags, lists }) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start(flags);
    await cluster.create("/api/v1/nodes", { metadata: { name: "node", labels: { "topology.kubernetes.io/zone": "a" } } });
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  /** A registry of a new namespace that is complete, by the Role that suffices. */
  async function observed(port?: number) {
    const namespace = await Namespace.create(cluster);
    const registry = new ObservedRegistry();
    const start = (timing: Partial<ReflectorTiming> = {}) =>
      registry.start(cluster.kubeconfig(reader, port), { namespaces: [namespace.name], timing });
    return { namespace, registry, start, web: `web.${namespace.name}:80` };
  }

  test("pods are told as controllers write them: ready, not ready, terminating, gone", async () => {
    const { namespace, registry, start, web } = await observed();
    await namespace.createService("web", true);
    await namespace.createPod("one", "web", "10.1.0.1");
    await start();
    await registry.has(web, "10.1.0.1");
    await namespace.createPod("two", "web", "10.1.0.2", false);
    await namespace.setReady("two", true);
    await registry.has(web, "10.1.0.1 10.1.0.2");
    await namespace.setReady("one", false);
    await registry.has(web, "10.1.0.2");
    await namespace.setReady("one", true);
    await registry.has(web, "10.1.0.1 10.1.0.2");
    await namespace.deletePod("one", 30);
    await registry.has(web, "10.1.0.1(draining) 10.1.0.2");
    await namespace.deletePod("two", 30);
    await registry.has(web, "10.1.0.1 10.1.0.2"); // nothing better is left
    await namespace.deletePod("one", 0);
    await registry.has(web, "10.1.0.2");
    await namespace.deletePod("two", 0);
    await registry.has(web, "");
    await namespace.deleteService("web");
    await registry.until(() => !registry.services.has(web));
  });

  test("pods that are not ready are told where the Service wants them", async () => {
    const { namespace, registry, start, web } = await observed();
    await namespace.createService("web", true, { publishNotReadyAddresses: true, clusterIP: "None" });
    await namespace.createPod("one", "web", "10.1.1.1");
    await namespace.createPod("two", "web", "10.1.1.2", false);
    await start();
    await registry.has(web, "10.1.1.1 10.1.1.2(unhealthy)");
  });

  test("shards of pods are read from their metadata", async () => {
    const { namespace, registry, web } = await observed();
    await namespace.createService("web", true);
    await namespace.createPod("one", "web", "10.8.0.1", true, { "meshless.dev/shard": "7" });
    await registry.start(cluster.kubeconfig("admin"), { namespaces: [namespace.name], readsPods: true });
    await registry.has(web, "10.8.0.1/7");
    await namespace.createPod("two", "web", "10.8.0.2", true, { "meshless.dev/shard": "8" });
    await registry.has(web, "10.8.0.1/7 10.8.0.2/8");
  });

  test("an endpoint that moves from one slice to another is never missing", async () => {
    const { namespace, registry, start, web } = await observed();
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", "10.2.0.1", "10.2.0.2");
    await namespace.createSlice("web-2", "web", "10.2.0.3");
    await start();
    await registry.has(web, "10.2.0.1 10.2.0.2 10.2.0.3");
    for (let round = 0; round < 5; round++) {
      await namespace.setSlice("web-1", "10.2.0.2");
      await namespace.setSlice("web-2", "10.2.0.3", "10.2.0.1");
      await namespace.setSlice("web-2", "10.2.0.3");
      await namespace.setSlice("web-1", "10.2.0.2", "10.2.0.1");
    }
    await namespace.setSlice("web-2", "10.2.0.4");
    await registry.has(web, "10.2.0.1 10.2.0.2 10.2.0.4");
    expect(registry.history.filter((state) => !state.includes("10.2.0.1"))).toEqual([]);
    expect(registry.hasListed).toBe(lists);
  });

  test("an apiserver that is killed and comes back goes on where it was, and nothing is lost meanwhile", async () => {
    const { namespace, registry, start, web } = await observed();
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", "10.3.0.1");
    await start();
    await registry.has(web, "10.3.0.1");
    await cluster.killApiserver();
    await registry.until(() => registry.troubles > 0);
    expect(registry.services.get(web)).toBe("10.3.0.1");
    await cluster.startApiserver();
    await namespace.setSlice("web-1", "10.3.0.1", "10.3.0.2");
    await registry.has(web, "10.3.0.1 10.3.0.2");
    expect(registry.history).toEqual([`${web} 10.3.0.1`, `${web} 10.3.0.1 10.3.0.2`]);
  });

  test("an apiserver that stands still is left, and goes on when it does", async () => {
    const { namespace, registry, start, web } = await observed();
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", "10.4.0.1");
    await start({ answerTimeoutMs: 2_000, silenceTimeoutMs: 3_000 });
    await registry.has(web, "10.4.0.1");
    cluster.pauseApiserver();
    await registry.until(() => registry.troubles > 0);
    cluster.resumeApiserver();
    await namespace.setSlice("web-1", "10.4.0.1", "10.4.0.2");
    await registry.has(web, "10.4.0.1 10.4.0.2");
    expect(registry.measured("restarts", { reason: "silent" })).toBeGreaterThan(0);
    expect(registry.history).toEqual([`${web} 10.4.0.1`, `${web} 10.4.0.1 10.4.0.2`]);
  });

  test("a version that is forgotten has all listed again, and what changed meanwhile is told at once", async () => {
    const proxy = use(await startTcpProxy(cluster.port));
    const { namespace, registry, start, web } = await observed(proxy.port);
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", "10.5.0.1");
    await namespace.createSlice("web-2", "web", "10.5.0.2");
    await start();
    await registry.has(web, "10.5.0.1 10.5.0.2");
    await proxy.down();
    await namespace.setSlice("web-1", "10.5.0.1", "10.5.0.3");
    await namespace.setSlice("web-2", "10.5.0.4");
    // It forgets what was before its start.
    await cluster.killApiserver();
    await cluster.startApiserver();
    await proxy.up();
    await registry.has(web, "10.5.0.1 10.5.0.3 10.5.0.4");
    expect(registry.measured("restarts", { reason: "expired" })).toBeGreaterThan(0);
    expect(registry.history.filter((state) => !state.includes("10.5.0.1"))).toEqual([]);
  });

  test("connections that are reset, over and over, cost nothing", async () => {
    const proxy = use(await startTcpProxy(cluster.port));
    const { namespace, registry, start, web } = await observed(proxy.port);
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", "10.6.0.1");
    await start();
    await registry.has(web, "10.6.0.1");
    for (let round = 2; round < 7; round++) {
      proxy.resetPeers();
      await namespace.setSlice("web-1", "10.6.0.1", `10.6.0.${round}`);
      await registry.has(web, `10.6.0.1 10.6.0.${round}`);
    }
    expect(registry.measured("lists")).toBe(2);
  });

  test("who may not read is told why, and goes on when he may", async () => {
    const { namespace, registry, web } = await observed();
    await namespace.createService("web", false);
    await registry.start(cluster.kubeconfig("nobody"), { namespaces: [namespace.name] });
    await registry.until(() => registry.troubles > 0);
    expect(registry.measured("restarts", { reason: "forbidden" })).toBeGreaterThan(0);
    const rbac = "rbac.authorization.k8s.io";
    await cluster.create(`/apis/${rbac}/v1/namespaces/${namespace.name}/rolebindings`, {
      metadata: { name: "nobody" },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: reader },
      subjects: [{ kind: "User", name: "nobody", apiGroup: rbac }],
    });
    await registry.has(web, "");
    expect(registry.isComplete).toBe(true);
  });
});
