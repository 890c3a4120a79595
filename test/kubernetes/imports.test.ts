import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Cluster, hasKubernetes } from "./cluster.ts";
import { Namespace } from "./namespace.ts";
import { ObservedRegistry } from "./observed-registry.ts";

const group = "multicluster.x-k8s.io";

/** Of the Multi-Cluster Services API, as far as an apiserver has to know it. */
const definition = {
  metadata: { name: `serviceimports.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names: { plural: "serviceimports", singular: "serviceimport", kind: "ServiceImport", listKind: "ServiceImportList" },
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

describe.skipIf(!hasKubernetes)("ServiceImports on a real apiserver", { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  const slicesOf = ({ name }: Namespace) => `/apis/discovery.k8s.io/v1/namespaces/${name}/endpointslices`;

  /** What a controller of the API writes for a Service of another cluster. */
  async function importSlice(namespace: Namespace, name: string, sourceCluster: string, ...ips: readonly string[]) {
    await cluster.create(slicesOf(namespace), {
      metadata: {
        name,
        labels: { "multicluster.kubernetes.io/service-name": "web", "multicluster.kubernetes.io/source-cluster": sourceCluster },
      },
      addressType: "IPv4",
      ports: [{ name: "grpc", port: 8080 }],
      endpoints: ips.map((ip) => ({ addresses: [ip] })),
    });
  }

  test("bring endpoints of other clusters behind one's own, and are waited for by nobody where there are none", async () => {
    const namespace = await Namespace.create(cluster);
    const web = `web.${namespace.name}:80`;
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", "10.70.0.1");
    const registry = new ObservedRegistry();
    const options = { namespaces: [namespace.name], serviceImports: true };
    await registry.start(cluster.kubeconfig("admin"), options);
    // The apiserver does not know them yet.
    await registry.until(() => registry.isComplete && registry.troubles > 0);
    expect(registry.services.get(web)).toBe("10.70.0.1");
    await cluster.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
    const imports = `/apis/${group}/v1alpha1/namespaces/${namespace.name}/serviceimports`;
    const ports = [{ name: "grpc", port: 80, protocol: "TCP" }];
    const object = {
      apiVersion: `${group}/v1alpha1`,
      kind: "ServiceImport",
      metadata: { name: "web" },
      spec: { type: "ClusterSetIP", ports },
    };
    await cluster.createSoon(imports, object);
    // The first is this cluster's own, which it exports.
    await importSlice(namespace, "imported-here", "here", "10.70.0.1");
    await importSlice(namespace, "imported-eu", "eu", "10.71.0.1");
    await registry.has(web, "10.70.0.1 10.71.0.1");
    expect(registry.endpoints(web).map(({ address, priority, region, labels }) => [address, priority, region, labels.cluster])).toEqual([
      ["10.70.0.1", 0, "", undefined],
      ["10.71.0.1", 1, "eu", "eu"],
    ]);
    await cluster.delete(`${imports}/web`);
    await registry.has(web, "10.70.0.1");
  });
});
