import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestClient } from "../control-plane/test-client.ts";
import { Cluster, hasKubernetes, reader } from "./cluster.ts";
import { Namespace } from "./namespace.ts";
import { runningCommand } from "./running-command.ts";

describe.skipIf(!hasKubernetes)("meshless-control-plane --registry kubernetes", { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  test("pushes what changes in the cluster, and serves on without it", async () => {
    const namespace = await Namespace.create(cluster);
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", "10.7.0.1");
    const kubeconfig = cluster.kubeconfig(reader);
    const port = await runningCommand("--registry", "kubernetes", "--kubeconfig", kubeconfig, "--namespace", namespace.name);
    const web = `web.${namespace.name}:80`;
    const client = new TestClient(port);
    const responses = client.delta(true, web);
    expect((await responses.next()).value).toBe(`${web}=10.7.0.1`);
    await namespace.setSlice("web-1", "10.7.0.1", "10.7.0.2");
    expect((await responses.next()).value).toBe(`${web}=10.7.0.1,10.7.0.2`);
    await cluster.killApiserver();
    const other = new TestClient(port);
    expect((await other.delta(true, web).next()).value).toBe(`${web}=10.7.0.1,10.7.0.2`);
    for (const each of [client, other]) each.cancel();
    await responses.next().catch(() => {});
  });
});
