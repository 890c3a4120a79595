import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Callers } from "../control-plane/callers.ts";
import { envoyIngress, hasEnvoy } from "../control-plane/envoy.ts";
import { startGrpcJs } from "../control-plane/grpc-js-xds.ts";
import { hasGrpcio, startGrpcio } from "../control-plane/grpcio.ts";
import { meshlessPeer } from "../control-plane/meshless-peer.ts";
import type { Peer } from "../control-plane/peer.ts";
import { PlaneProcess } from "../control-plane/plane-process.ts";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes, reader } from "./cluster.ts";
import { Namespace } from "./namespace.ts";
import { PodNetwork } from "./pod-network.ts";
import { ServingPods } from "./serving-pods.ts";

const peers: readonly Peer[] = [
  ...(hasEnvoy ? [{ name: "Envoy", start: envoyIngress("DELTA_GRPC", true) }] : []),
  ...(hasGrpcio ? [{ name: "gRPC's core", start: startGrpcio }] : []),
  { name: "grpc-js", start: startGrpcJs },
  meshlessPeer("endpoints"),
  meshlessPeer("listener"),
];

describe.skipIf(!hasKubernetes)("one apiserver, one control plane, all its clients", { timeout: 300_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.create("/api/v1/nodes", { metadata: { name: "node", labels: { "topology.kubernetes.io/zone": "a" } } });
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  test("all of them call the same pods, from their readiness to their end, and none of their calls fails", async () => {
    const namespace = await Namespace.create(cluster);
    await namespace.createService("echo", true);
    const pods = use(new ServingPods(namespace, "echo", use(new PodNetwork())));
    for (let count = 0; count < 4; count++) await pods.start("node");
    const kubeconfig = cluster.kubeconfig(reader);
    const plane = use(await PlaneProcess.startOn("--registry", "kubernetes", "--kubeconfig", kubeconfig, "--namespace", namespace.name));
    const callers = use(await Callers.start(peers, plane.port, `echo.${namespace.name}:80`));
    const allCall = () => callers.until((share) => pods.names.every((name) => share(name) > 0));
    callers.during = "four pods";
    await allCall();
    callers.during = "a fifth pod";
    await pods.start("node");
    await allCall();
    callers.during = "a pod that ends";
    const [first = ""] = pods.names;
    await pods.end(first);
    await callers.until((share) => share(first) === 0);
    await allCall();
    const table: Record<string, Record<string, number>> = Object.fromEntries(peers.map(({ name }) => [name, {}]));
    for (const pod of pods.names) {
      for (const [peer, share] of Object.entries(await callers.sharesOf(pod, 500))) Object.assign(table[peer] ?? {}, { [pod]: share });
    }
    console.table(table);
    expect(callers.failures).toEqual({});
  });
});
