import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { kubernetesRegistry } from "../../control-plane/src/registry/kubernetes-registry.ts";
import { kubeconfigClient } from "../../kubernetes/src/kubeconfig-client.ts";
import { type BalancedTransportOptions, createBalancedTransport } from "../../src/index.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes } from "./cluster.ts";
import { Namespace } from "./namespace.ts";

const versions = ["1.33", "1.36"];

describe.skipIf(!hasKubernetes).each(versions)("whom clients prefer, on Kubernetes %s", { timeout: 60_000 }, (version) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start([`--emulated-version=kube=${version}`]);
    for (const [name, zone] of Object.entries({ n1: "a", n2: "a", n3: "b" })) {
      await cluster.create("/api/v1/nodes", { metadata: { name, labels: { "topology.kubernetes.io/zone": zone } } });
    }
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  /** A Service with a pod on each node, and clients of a control plane that reads nodes. */
  async function served(spec: object = {}) {
    const namespace = await Namespace.create(cluster);
    await namespace.createService("web", true, spec);
    for (const [index, node] of ["n1", "n2", "n3"].entries()) {
      await namespace.createPod(`pod-${node}`, "web", `10.60.0.${index + 1}`, true, {}, node);
    }
    const client = await kubeconfigClient(cluster.kubeconfig("admin"));
    const plane = use(createControlPlane({ registry: kubernetesRegistry({ client, namespaces: [namespace.name], readsNodes: true }) }));
    const controlPlane = `127.0.0.1:${await plane.listen("127.0.0.1:0")}`;
    const transportOn = async (node: string | undefined, options: BalancedTransportOptions = {}, service = "web") => {
      const target = `xds:///${service}.${namespace.name}:80`;
      const transport = createBalancedTransport(target, { ...options, ...(node && { node }), discovery: { xds: { controlPlane } } });
      onTestFinished(() => transport.close({ graceMs: 0 }));
      await eventually(() => transport.inspect().endpoints.length > 0);
      return transport;
    };
    return { namespace, transportOn };
  }

  const addresses = (transport: ReturnType<typeof createBalancedTransport>) =>
    transport
      .inspect()
      .endpoints.map(({ endpoint }) => endpoint.address)
      .sort();

  test("a client that says its node is in the zone of that node", async () => {
    const { transportOn } = await served();
    const [inA, inB, nowhere] = [await transportOn("n1"), await transportOn("n3"), await transportOn("n9")];
    await eventually(() => inA.inspect().zone === "a" && inB.inspect().zone === "b");
    expect(nowhere.inspect().zone).toBeUndefined();
    await cluster.patch("/api/v1/nodes/n3", { metadata: { labels: { "topology.kubernetes.io/zone": "c" } } });
    await eventually(() => inB.inspect().zone === "c");
    await cluster.patch("/api/v1/nodes/n3", { metadata: { labels: { "topology.kubernetes.io/zone": "b" } } });
    await eventually(() => inB.inspect().zone === "b");
  });

  test("internalTrafficPolicy: Local leaves it the pods of its own node, and one that does not know its own all of them, with a notice", async () => {
    const { namespace, transportOn } = await served({ internalTrafficPolicy: "Local" });
    const [onNode, anywhere, elsewhere] = [
      await transportOn("n2"),
      await transportOn(undefined),
      await transportOn("n2", { affinity: "zone" }),
    ];
    await eventually(() => addresses(onNode).join() === "10.60.0.2");
    expect(anywhere.inspect().notices.map(({ code }) => code)).toEqual(["node-not-known"]);
    await eventually(() => addresses(elsewhere).length === 3 && addresses(anywhere).length === 3);
    await cluster.patch(namespace.path("services", "web"), { spec: { internalTrafficPolicy: "Cluster" } });
    await eventually(() => addresses(onNode).length === 3);
  });

  test("trafficDistribution for the same node is followed where Kubernetes has it, and that for the zone is what clients do anyway", async () => {
    const { namespace, transportOn } = await served({ trafficDistribution: "PreferClose" });
    const transport = await transportOn("n1");
    await eventually(() => addresses(transport).length === 3);
    expect(transport.inspect().endpoints.map(({ endpoint }) => endpoint.labels.forZones)).toEqual([undefined, undefined, undefined]);
    if (version === "1.33") return;
    await cluster.patch(namespace.path("services", "web"), { spec: { trafficDistribution: "PreferSameNode" } });
    await eventually(() => transport.inspect().settings.affinity.value === "node");
    expect(transport.inspect().settings.affinity.from).toBe("discovery");
    expect(
      transport
        .inspect()
        .endpoints.map(({ endpoint }) => endpoint.labels.node)
        .sort(),
    ).toEqual(["n1", "n2", "n3"]);
  });

  test("an annotation of a Service is followed by clients that ask for endpoints, and taken back when it goes", async () => {
    const { namespace, transportOn } = await served();
    const transport = await transportOn(undefined);
    const { policy } = transport.inspect().settings;
    await namespace.annotate("web", { "meshless.dev/policy": "roundRobin", "meshless.dev/retry": "{ on: [unavailable], maxRetries: 1 }" });
    await eventually(() => transport.inspect().settings.policy.from === "discovery");
    await eventually(() => transport.inspect().settings.retry.from === "discovery");
    expect(transport.inspect().settings).toMatchObject({ policy: { value: { name: "roundRobin" } }, retry: { value: { maxAttempts: 2 } } });
    await namespace.annotate("web", { "meshless.dev/affinity": "node", "meshless.dev/policy": null, "meshless.dev/retry": null });
    await eventually(() => transport.inspect().settings.affinity.value === "node");
    await eventually(() => transport.inspect().settings.policy.from === "default");
    expect(transport.inspect().settings.policy).toEqual(policy);
  });

  test("hints that Kubernetes did not write say for which zones an endpoint is", async () => {
    const { namespace, transportOn } = await served();
    await namespace.createService("vm", false);
    const hinted = (ip: string, zone: string, ...names: readonly string[]) => ({
      addresses: [ip],
      zone,
      hints: { forZones: names.map((name) => ({ name })) },
    });
    await cluster.create(`/apis/discovery.k8s.io/v1/namespaces/${namespace.name}/endpointslices`, {
      metadata: { name: "vm-1", labels: { "kubernetes.io/service-name": "vm" } },
      addressType: "IPv4",
      ports: [{ name: "grpc", port: 8080 }],
      endpoints: [hinted("10.61.0.1", "a", "a"), hinted("10.61.0.2", "a", "b", "c")],
    });
    const transport = await transportOn("n1", {}, "vm");
    expect(transport.inspect().endpoints.map(({ endpoint: { address, labels } }) => [address, labels.forZones])).toEqual([
      ["10.61.0.1", undefined],
      ["10.61.0.2", "b,c"],
    ]);
  });
});
