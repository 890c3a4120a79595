import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConstantCaller } from "../control-plane/constant-caller.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes, reader } from "./cluster.ts";
import { Namespace } from "./namespace.ts";
import { PlaneReplicas } from "./plane-replicas.ts";
import { PodNetwork } from "./pod-network.ts";
import { ServingPods } from "./serving-pods.ts";

/** In each of the six steps at least: some thousands in all, or as many as somebody wants. */
const callsPerStep = Number(process.env.MESHLESS_TRAFFIC_CALLS ?? 6_000) / 6;
const zones = ["a", "b", "c"];
/** From the pod's readiness to its first answer. */
const firstAnswerWithinMs = 1_000;

describe.skipIf(!hasKubernetes)("calls to pods that come and go", { timeout: 900_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
    for (const zone of zones) {
      await cluster.create("/api/v1/nodes", { metadata: { name: `node-${zone}`, labels: { "topology.kubernetes.io/zone": zone } } });
    }
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  test("none fails, whatever happens to pods, zones, the apiserver and the control plane", async () => {
    const namespace = await Namespace.create(cluster);
    await namespace.createService("echo", true);
    const pods = use(new ServingPods(namespace, "echo", use(new PodNetwork())));
    const startPods = async (count: number) => {
      for (let index = 0; index < count; index++) await pods.start(`node-${zones[index % zones.length]}`);
    };
    await startPods(6);
    const replicas = use(await PlaneReplicas.start(2, cluster.kubeconfig(reader), namespace.name));
    const discovery = { xds: { controlPlane: replicas.target } };
    const transport = use(createBalancedTransport(`xds:///echo.${namespace.name}:80`, { discovery, slowStart: false }));
    const client = createClient(EchoService, transport);
    const caller = use(new ConstantCaller(async () => (await client.echo({ text: "x" })).server?.name ?? "nobody", 8));
    const firstAnswersMs: number[] = [];
    /** One more pod, until it answers. */
    const add = async (node: string) => {
      const name = await pods.start(node);
      const readyAtMs = performance.now();
      await caller.until((share) => share(name) > 0, { answers: 1 });
      firstAnswersMs.push(performance.now() - readyAtMs);
      return name;
    };
    const step = async (name: string, change: () => Promise<void>) => {
      caller.during = name;
      await change();
      await caller.next(callsPerStep);
    };

    await step("a rolling restart of all pods", async () => {
      for (const name of pods.names) {
        await add(pods.nodeOf(name));
        await pods.end(name);
      }
    });
    await step("a scale-out to 30", () => startPods(30 - pods.names.length));
    await step("a scale-in to 3", async () => {
      await Promise.all(pods.names.slice(3).map((name) => pods.end(name)));
    });
    await startPods(9);
    await step("a zone that is lost", async () => {
      for (const name of pods.names) if (pods.nodeOf(name) === "node-b") pods.lose(name);
    });
    await step("an apiserver that is killed", async () => {
      await cluster.killApiserver();
      await caller.next(callsPerStep);
      await cluster.startApiserver();
      await add("node-c");
    });
    await step("a control plane that is killed, and replicas that are restarted", async () => {
      await replicas.kill(0);
      await add("node-a");
      await replicas.kill(1);
      await caller.next(callsPerStep);
      await replicas.startAgain(0);
      await replicas.startAgain(1);
    });
    await add("node-b");
    console.log(
      `${caller.calls} calls, ${caller.failures.length} failed; first answers of new pods, in ms: ${firstAnswersMs.map(Math.round).join(" ")}`,
    );
    expect(caller.failures).toEqual([]);
    expect(caller.calls).toBeGreaterThan(6 * callsPerStep);
    // The apiserver that comes back, and the control plane that does, are watched and asked again after a pause.
    expect(firstAnswersMs.slice(0, 6).filter((ms) => ms > firstAnswerWithinMs)).toEqual([]);
  });
});
