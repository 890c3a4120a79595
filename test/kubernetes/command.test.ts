import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../control-plane/src/cli/run-cli.ts";
import { silentLogger } from "../../control-plane/src/logger.ts";
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

  test("--validate and --print say what would be served, and what is wrong with Services", async () => {
    const namespace = await Namespace.create(cluster);
    await namespace.createService("web", false);
    await namespace.createSlice("web-1", "web", "10.7.0.1");
    await namespace.createService("db", false, { type: "ExternalName", externalName: "db.example.com", ports: null });
    const run = async (...args: readonly string[]) => {
      const said = { out: "", err: "" };
      const registry = ["--registry", "kubernetes", "--kubeconfig", cluster.kubeconfig(reader), "--namespace", namespace.name];
      const out = (text: string) => (said.out += text);
      const code = await runCli([...registry, ...args], { out, err: (text) => (said.err += text), logger: () => silentLogger });
      return { code, ...said };
    };
    const problem = new RegExp(`${namespace.name}/db: it is another name for "db\\.example\\.com"`);
    const { code, out } = await run("--validate");
    expect(code).toBe(1);
    expect(out.split("\n")).toEqual([`web.${namespace.name}:80: 1 endpoints`, expect.stringMatching(problem), ""]);
    expect(await run("--print", `web.${namespace.name}:80`)).toMatchObject({
      code: 0,
      out: expect.stringContaining('"address": "10.7.0.1"'),
      err: expect.stringMatching(problem),
    });
  });

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
