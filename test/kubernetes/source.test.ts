import { readFileSync } from "node:fs";
import { createBalancedTransport } from "meshless";
import { kubernetesSource } from "meshless-kubernetes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes } from "./cluster.ts";
import { Namespace } from "./namespace.ts";

const rbac = (namespace: string, kind: string) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${kind}`;

describe.skipIf(!hasKubernetes)("kubernetesSource on a real apiserver", { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.create("/api/v1/nodes", { metadata: { name: "node", labels: { "topology.kubernetes.io/zone": "a" } } });
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  /** A transport of a user that has the Role which the package ships, in its namespace. */
  async function permitted(namespace: Namespace, authority: string) {
    const role = readFileSync("kubernetes/role.yaml", "utf8").replace(
      /kind: ServiceAccount\n {4}name: default.*\n.*/,
      "kind: User\n    name: nobody",
    );
    await cluster.apply(role, rbac(namespace.name, "roles"), rbac(namespace.name, "rolebindings"));
    return called(authority);
  }

  function called(authority: string) {
    const timing = { backoffMs: 50, maxBackoffMs: 200, provenAfterMs: 500 };
    const source = kubernetesSource({ kubeconfig: cluster.kubeconfig("nobody"), timing });
    const transport = use(createBalancedTransport(source, { authority }));
    const addresses = () => transport.inspect().endpoints.map(({ endpoint: { address, port } }) => `${address}:${port}`);
    return { transport, addresses };
  }

  test("the Role that the package ships is enough, for that namespace and no other", async () => {
    const [own, other] = [await Namespace.create(cluster), await Namespace.create(cluster)];
    for (const namespace of [own, other]) {
      await namespace.createService("web", true);
      await namespace.createPod("one", "web", "10.30.0.1");
    }
    const { addresses } = await permitted(own, `web.${own.name}:80`);
    await eventually(() => addresses().join() === "10.30.0.1:8080");
    await own.createPod("two", "web", "10.30.0.2");
    await eventually(() => addresses().join() === "10.30.0.1:8080,10.30.0.2:8080");
    const denied = called(`web.${other.name}`);
    await eventually(() => denied.transport.inspect().sourceError !== undefined);
    expect(denied.transport.inspect().sourceError).toMatch(/403.*forbidden.*(services|endpointslices)/i);
  });
});
