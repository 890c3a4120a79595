import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestClient } from "../control-plane/test-client.ts";
import { Cluster, hasKubernetes } from "./cluster.ts";
import { hasHelm, lint, pathOf, type RenderedObject, rendered } from "./helm.ts";
import { Namespace } from "./namespace.ts";
import { runningCommand } from "./running-command.ts";

const modes = {
  default: [],
  namespaced: ["namespaces={shop,bank}"],
  tokens: ["access.mode=tokens", "registry.readPods=true", "registry.readNodes=true"],
  closed: ["access.mode=closed", "registry.ownPodsOnly=true", "registry.serviceImports=true"],
  "other clusters": ["remoteClusters[0].name=eu", "remoteClusters[0].secretName=cluster-eu", "tls.enabled=true"],
  "closed and namespaced": ["access.mode=closed", "namespaces={shop}", "registry.readNodes=true", "tls.secretName=from-cert-manager"],
} as const;

const named = (objects: readonly RenderedObject[], kind: string) => objects.filter((object) => object.kind === kind);

describe.skipIf(!hasHelm)("the chart", () => {
  test.each(Object.entries(modes))("is clean: %s", (_, settings) => {
    expect(lint(...settings)).toMatch(/0 chart\(s\) failed/);
  });

  test.each([
    ["access.mode=shut", /access.mode|access\/mode/],
    ["replicaCount=0", /replicaCount/],
    ["namespaces={Shop}", /namespaces/],
    ["acces.mode=closed", /acces/],
    ["tls.secret=x", /secret/],
    ["remoteClusters[0].name=eu", /secretName/],
    ["remoteClusters[0].name=EU", /name/],
  ])("refuses values that mean nothing: %s", (setting, message) => {
    expect(() => rendered(setting)).toThrow(message);
  });

  test("may list and watch Services and EndpointSlices, and nothing else; of pods, nodes and tokens only where they are needed", () => {
    const rulesOf = (...settings: readonly string[]) =>
      rendered(...settings)
        .filter(({ kind }) => /Role$/.test(kind))
        .map(({ kind, name, namespace, yaml }) => {
          const rules = [...yaml.matchAll(/resources: \[(.*)\]\n +verbs: \[(.*)\]/g)].map(
            ([, resources, verbs]) => `${resources}: ${verbs}`,
          );
          return [kind, namespace ?? "", name.replace("meshless-control-plane", ""), ...rules].join(" ").trim();
        });
    const reads = "services: list, watch endpointslices: list, watch";
    expect(rulesOf()).toEqual([`ClusterRole   ${reads}`]);
    expect(rulesOf("namespaces={shop,bank}")).toEqual([`Role shop  ${reads}`, `Role bank  ${reads}`]);
    expect(rulesOf("registry.readPods=true")).toEqual([`ClusterRole   ${reads} pods: list, watch`]);
    expect(rulesOf("registry.serviceImports=true")).toEqual([`ClusterRole   ${reads} serviceimports: list, watch`]);
    expect(rulesOf("registry.readNodes=true")).toEqual([`ClusterRole   ${reads}`, "ClusterRole  -nodes nodes: list, watch"]);
    expect(rulesOf("namespaces={shop}", "registry.readNodes=true")).toEqual([
      "ClusterRole  -nodes nodes: list, watch",
      `Role shop  ${reads}`,
    ]);
    expect(rulesOf("access.mode=closed")).toEqual([`ClusterRole   ${reads}`, "ClusterRole  -tokens tokenreviews: create"]);
    expect(rulesOf("rbac.create=false")).toEqual([]);
  });

  test("gives each other cluster's kubeconfig, in order, to the control plane where it looks for it", () => {
    const clusters = ["eu", "us.east"].flatMap((name, index) => [
      `remoteClusters[${index}].name=${name}`,
      `remoteClusters[${index}].secretName=cluster-${name}`,
    ]);
    const objects = rendered(...clusters, "remoteClusters[1].key=config");
    const yaml = named(objects, "Deployment")[0]?.yaml ?? "";
    expect([...yaml.matchAll(/^ +- (eu|us\.east)=(.*)\/kubeconfig$/gm)].map(([, name, folder]) => [name, folder])).toEqual([
      ["eu", "/etc/meshless/clusters/eu"],
      ["us.east", "/etc/meshless/clusters/us.east"],
    ]);
    expect([...yaml.matchAll(/name: (\S+), mountPath: (\S+clusters\S+),/g)].map(([, volume, folder]) => [volume, folder])).toEqual([
      ["cluster-0", "/etc/meshless/clusters/eu"],
      ["cluster-1", "/etc/meshless/clusters/us.east"],
    ]);
    expect(
      [...yaml.matchAll(/secretName: (\S+)\n.*\n +items: \[\{ key: (\S+), path: kubeconfig \}\]/g)].map(([, ...found]) => found),
    ).toEqual([
      ["cluster-eu", "kubeconfig"],
      ["cluster-us.east", "config"],
    ]);
    expect(named(rendered(), "NetworkPolicy")[0]?.yaml).toMatch(/port: 53/);
  });

  test("makes a certificate for the names of its Service where none is given", () => {
    const [secret] = named(rendered("access.mode=closed"), "Secret");
    const pem = (name: string) => Buffer.from(new RegExp(`${name}: (\\S+)`).exec(secret?.yaml ?? "")?.[1] ?? "", "base64");
    const [certificate, authority] = [new X509Certificate(pem("tls.crt")), new X509Certificate(pem("ca.crt"))];
    for (const name of ["meshless-control-plane.meshless", "meshless-control-plane.meshless.svc.cluster.local"]) {
      expect(certificate.checkHost(name)).toBe(name);
    }
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(named(rendered("access.mode=closed", "tls.secretName=x"), "Secret")).toEqual([]);
    expect(named(rendered(), "Secret")).toEqual([]);
  });

  test("has a monitor for Prometheus where that is wanted", () => {
    expect(named(rendered(), "PodMonitor")).toEqual([]);
    expect(named(rendered("podMonitor.enabled=true", "podMonitor.labels.release=x"), "PodMonitor")[0]?.yaml).toMatch(/release: x/);
  });
});

describe.skipIf(!hasHelm || !hasKubernetes).each(["1.33", "1.36"])("the chart on Kubernetes %s", { timeout: 60_000 }, (version) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start([`--emulated-version=kube=${version}`]);
    for (const name of ["meshless", "shop", "bank"]) await cluster.create("/api/v1/namespaces", { metadata: { name } });
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  test.each(Object.entries(modes))("is accepted by the apiserver, each field of it: %s", async (_, settings) => {
    for (const object of rendered(...settings)) {
      expect(await cluster.serverSideApply(pathOf(object), object.yaml, "dryRun=All")).toMatchObject({ kind: object.kind });
    }
  });

  /** The chart's own ServiceAccount, with the Roles that it ships; and the arguments with which its Deployment runs. */
  async function installed(...settings: readonly string[]) {
    const objects = rendered(...settings);
    for (const object of objects) {
      if (/Role|ServiceAccount|Secret/.test(object.kind)) await cluster.serverSideApply(pathOf(object), object.yaml);
    }
    const token = await cluster.token("meshless", "meshless-control-plane", `https://127.0.0.1:${cluster.port}/`);
    const deployment = named(objects, "Deployment")[0]?.yaml ?? "";
    const args = [...(/args:\n((?: +(?:-|#).*\n)+)/.exec(deployment)?.[1] ?? "").matchAll(/^ +- (.*)$/gm)].map(([, arg = ""]) => arg);
    const [secret] = named(objects, "Secret");
    for (const [, name = "", text = ""] of (secret?.yaml ?? "").matchAll(/^ {2}(ca\.crt|tls\.crt|tls\.key): (\S+)$/gm)) {
      writeFileSync(join(cluster.folder, name), Buffer.from(text, "base64"));
    }
    return {
      token,
      args,
      uninstall: () => Promise.all(objects.filter(({ kind }) => /Role/.test(kind)).map((object) => cluster.delete(pathOf(object)))),
    };
  }

  test("runs as its own ServiceAccount, closed, and may do nothing else", async () => {
    const { token, args, uninstall } = await installed("access.mode=closed");
    const [own, other] = [await Namespace.create(cluster), await Namespace.create(cluster)];
    for (const [index, namespace] of [own, other].entries()) {
      await namespace.createService("web", false);
      await namespace.createSlice("web-1", "web", `10.41.0.${index}`);
      await cluster.create(namespace.path("serviceaccounts"), { metadata: { name: "cart" } });
    }
    // On loopback, and with the files where this test has them.
    const here = args
      .map((arg) => arg.replace("/etc/meshless/tls", cluster.folder).replace(/^--(listen|admin|probes)=.*/, "--$1=127.0.0.1:0"))
      .concat("--kubeconfig", cluster.kubeconfigOf("meshless-control-plane", token));
    const port = await runningCommand(...here);
    const ca = readFileSync(join(cluster.folder, "ca.crt"), "utf8");
    const client = new TestClient(
      port,
      { ca, servername: "meshless-control-plane.meshless" },
      await cluster.token(own.name, "cart", "meshless-control-plane"),
    );
    const names = [own, other].map(({ name }) => `web.${name}:80`);
    expect((await client.delta(true, ...names).next()).value).toBe(`${names[0]}=10.41.0.0 -${names[1]}`);
    client.cancel();

    const status = (method: string, path: string, object?: object) => cluster.statusFor(token, method, path, object);
    expect(await status("GET", "/api/v1/services")).toBe(200);
    expect(await status("GET", "/apis/discovery.k8s.io/v1/endpointslices")).toBe(200);
    const namespaced = (collection: string) => `/api/v1/namespaces/${own.name}/${collection}`;
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${own.name}/endpointslices`;
    for (const [method, path, object] of [
      ["GET", namespaced("services/web")],
      ["GET", "/api/v1/secrets"],
      ["GET", "/api/v1/namespaces/meshless/secrets/meshless-control-plane-tls"],
      ["GET", "/api/v1/pods"],
      ["GET", "/api/v1/nodes"],
      ["GET", "/api/v1/configmaps"],
      ["GET", "/api/v1/namespaces"],
      ["POST", namespaced("services"), { metadata: { name: "x" } }],
      ["PATCH", namespaced("services/web"), { metadata: { labels: { x: "y" } } }],
      ["DELETE", namespaced("services/web"), {}],
      ["POST", slices, { metadata: { name: "x" }, addressType: "IPv4", endpoints: [] }],
      ["DELETE", `${slices}/web-1`, {}],
      ["POST", namespaced("serviceaccounts/cart/token"), { spec: { audiences: ["x"] } }],
      ["POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", { spec: { user: "x" } }],
    ] as const) {
      expect([method, path, await status(method, path, object)]).toEqual([method, path, 403]);
    }
    await uninstall();
  });

  test("runs by the Roles of its namespaces alone, and reads no other", async () => {
    const { token, args, uninstall } = await installed("namespaces={shop,bank}");
    const port = await runningCommand(
      ...args.map((arg) => arg.replace(/^--(listen|admin|probes)=.*/, "--$1=127.0.0.1:0")),
      "--kubeconfig",
      cluster.kubeconfigOf("meshless-control-plane", token),
    );
    const client = new TestClient(port);
    expect((await client.delta(true, "web.shop:80").next()).value).toBe("-web.shop:80");
    client.cancel();
    const statuses = ["shop", "bank", "meshless"].map((name) => cluster.statusFor(token, "GET", `/api/v1/namespaces/${name}/services`));
    expect(await Promise.all(statuses)).toEqual([200, 200, 403]);
    expect(await cluster.statusFor(token, "GET", "/api/v1/services")).toBe(403);
    const review = { spec: { token: "x" } };
    expect(await cluster.statusFor(token, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)).toBe(403);
    await uninstall();
  });
});
