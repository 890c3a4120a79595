import { connect, createServer } from "node:net";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { createBalancedTransport } from "meshless";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes, reader } from "./cluster.ts";
import { Namespace } from "./namespace.ts";
import { PlaneReplicas } from "./plane-replicas.ts";
import { PodNetwork } from "./pod-network.ts";
import { ServingPods } from "./serving-pods.ts";

/** 1,000 a pod: with fewer, a tenth more than the mean is within chance. */
const callsInAll = 10_000;
const concurrency = 4;

/** What kube-proxy does with a ClusterIP: a pod by chance for each connection, and for all that goes over it. */
async function startKubeProxy(pods: readonly { readonly host: string; readonly port: number }[]): Promise<number> {
  const random = seededRandom(1);
  const server = createServer((socket) => {
    const pod = connect(pods[Math.floor(random() * pods.length)] as { host: string; port: number });
    for (const [from, to] of [
      [socket, pod],
      [pod, socket],
    ] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
    }
  });
  onTestFinished(() => closeServer(server));
  return listenOnLoopback(server);
}

type EchoClient = Client<typeof EchoService>;

/** How much more than the mean of all pods the busiest one has, of calls that clients make in equal parts. */
async function busiest(clients: readonly EchoClient[], pods: number): Promise<number> {
  const answers = new Map<string, number>();
  const one = async (client: EchoClient) => {
    for (let call = 0; call < callsInAll / clients.length / concurrency; call++) {
      const { server } = await client.echo({ text: "x" });
      const name = server?.name ?? "nobody";
      answers.set(name, (answers.get(name) ?? 0) + 1);
    }
  };
  await Promise.all(clients.flatMap((client) => Array.from({ length: concurrency }, () => one(client))));
  return Math.max(...answers.values()) / (callsInAll / pods);
}

describe.skipIf(!hasKubernetes)("ten clients that become two", { timeout: 120_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.create("/api/v1/nodes", { metadata: { name: "node" } });
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  test("call all ten pods alike through us, and two of them at most by a ClusterIP", async () => {
    const namespace = await Namespace.create(cluster);
    await namespace.createService("echo", true);
    const pods = use(new ServingPods(namespace, "echo", use(new PodNetwork())));
    for (let pod = 0; pod < 10; pod++) await pods.start("node");
    const replicas = use(await PlaneReplicas.start(1, cluster.kubeconfig(reader), namespace.name));
    const clusterIp = `http://127.0.0.1:${await startKubeProxy(pods.addresses)}`;
    const ten = (transport: () => Transport) => Array.from({ length: 10 }, () => createClient(EchoService, transport()));
    const byConnection = ten(() => {
      const sessionManager = new Http2SessionManager(clusterIp);
      onTestFinished(() => sessionManager.abort());
      return createConnectTransport({ baseUrl: clusterIp, httpVersion: "2", sessionManager });
    });
    const discovery = { xds: { controlPlane: replicas.target } };
    const byCall = ten(() => use(createBalancedTransport(`xds:///echo.${namespace.name}:80`, { discovery, slowStart: false })));
    const figures: Record<string, { readonly "10 clients": number; readonly "2 clients": number }> = {};
    for (const [name, clients] of Object.entries({ "kube-proxy": byConnection, meshless: byCall })) {
      figures[name] = { "10 clients": await busiest(clients, 10), "2 clients": await busiest(clients.slice(0, 2), 10) };
    }
    console.table(figures);
    expect(figures.meshless?.["10 clients"]).toBeLessThanOrEqual(1.1);
    expect(figures.meshless?.["2 clients"]).toBeLessThanOrEqual(1.1);
    expect(figures["kube-proxy"]?.["2 clients"]).toBeGreaterThanOrEqual(5);
  });
});
