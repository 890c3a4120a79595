import { createBalancedTransport } from "meshless";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PlaneProcess } from "../control-plane/plane-process.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes, reader } from "./cluster.ts";
import { KnownPods } from "./known-pods.ts";
import { Namespace } from "./namespace.ts";

describe.skipIf(!hasKubernetes)("two replicas on a real apiserver", { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  test("a client that goes back and forth between them never knows a pod again that was gone, though each of them stands still in turn", async () => {
    const namespace = await Namespace.create(cluster);
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", "10.7.0.1");
    const args = ["--registry", "kubernetes", "--kubeconfig", cluster.kubeconfig(reader), "--namespace", namespace.name];
    const replicas = await Promise.all([PlaneProcess.startOn(...args), PlaneProcess.startOn(...args)]);
    for (const replica of replicas) use(replica);
    const proxy = use(await startTcpProxy(replicas[0].port));
    const discovery = { xds: { controlPlane: `static:///${proxy.address}` } };
    const known = new KnownPods(use(createBalancedTransport(`xds:///web.${namespace.name}:80`, { discovery })));
    await known.are("1");
    for (let pod = 2; pod <= 7; pod++) {
      const there = replicas[pod % 2 === 0 ? 1 : 0];
      there.signal("SIGSTOP");
      await namespace.setSlice("web-1", `10.7.0.${pod - 1}`, `10.7.0.${pod}`);
      await known.are(`${pod - 1},${pod}`);
      await namespace.setSlice("web-1", `10.7.0.${pod}`);
      await known.are(`${pod}`);
      proxy.redirect(there.port);
      proxy.resetPeers();
      there.signal("SIGCONT");
    }
    await namespace.setSlice("web-1", "10.7.0.8");
    await known.are("8");
    const pairs = [1, 2, 3, 4, 5, 6, 7].flatMap((pod) => [`${pod}`, `${pod},${pod + 1}`]);
    expect(known.history.slice(1)).toEqual([...pairs, "8"]);
  });
});
