import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConstantCaller } from "../control-plane/constant-caller.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { faultTime } from "../support/fault-time.ts";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes, reader } from "./cluster.ts";
import { Namespace } from "./namespace.ts";
import { PlaneReplicas } from "./plane-replicas.ts";
import { PodNetwork } from "./pod-network.ts";
import { ServingPods } from "./serving-pods.ts";

const calls = Number(process.env.MESHLESS_TRAFFIC_CALLS ?? 6_000);
/** At least, in each of seven steps and of two outages. */
const callsPerStep = Math.ceil(calls / 9);
const zones = ["a", "b", "c"];
/** From the moment in which who reads the Service's slices finds the new pod there, to its first answer. */
const firstAnswerWithinMs = { "a control plane that stands": 1_000, "one that was killed": 4_000 };

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
    const firstAnswers: { readonly during: string; readonly controlPlane: keyof typeof firstAnswerWithinMs; readonly ms: number }[] = [];
    /** One more pod, until it answers. */
    const add = async (node: string, controlPlane: keyof typeof firstAnswerWithinMs = "a control plane that stands") => {
      const name = await pods.start(node);
      const now = () => performance.now();
      const answered = caller.until((share) => share(name) > 0, { answers: 1 });
      const [listedAtMs, answeredAtMs] = await Promise.all([pods.untilListed(name).then(now), answered.then(now)]);
      firstAnswers.push({ during: caller.during, controlPlane, ms: Math.max(0, Math.round(answeredAtMs - listedAtMs)) });
      return name;
    };
    const step = async (name: string, change: () => Promise<void>) => {
      caller.during = name;
      await change();
      await caller.next(callsPerStep);
    };
    const bear = () => Promise.all([caller.next(callsPerStep), faultTime()]);

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
      await bear();
      await cluster.startApiserver();
      await add("node-c");
    });
    await step("an apiserver that says nothing", async () => {
      cluster.pauseApiserver();
      await bear();
      cluster.resumeApiserver();
      await add("node-c");
    });
    await step("a control plane that is killed, and replicas that are restarted", async () => {
      await replicas.kill(0);
      await add("node-a", "one that was killed");
      await replicas.kill(1);
      await caller.next(callsPerStep);
      await replicas.startAgain(0);
      await replicas.startAgain(1);
      await add("node-b", "one that was killed");
    });
    console.log(`${caller.calls} calls, ${caller.failures.length} failed; first answers of new pods after their slices`);
    console.table(firstAnswers);
    expect(caller.failures).toEqual([]);
    expect(caller.calls).toBeGreaterThan(calls);
    expect(firstAnswers.filter(({ controlPlane, ms }) => ms > firstAnswerWithinMs[controlPlane])).toEqual([]);
  });
});
