import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kubernetesReviewer } from "../../control-plane/src/access/kubernetes-reviewer.ts";
import { kubeconfigClient } from "../../kubernetes/src/kubeconfig-client.ts";
import { TestClient } from "../control-plane/test-client.ts";
import { createSecretDir } from "../support/secret-dir.ts";
import { testPki } from "../support/test-pki.ts";
import { use } from "../support/use.ts";
import { Cluster, hasKubernetes } from "./cluster.ts";
import { Namespace } from "./namespace.ts";
import { runningCommand } from "./running-command.ts";

const audience = "meshless-control-plane";

describe.skipIf(!hasKubernetes)("who may ask, on a real apiserver", { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
  }, 90_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  /** A namespace with a Service and a ServiceAccount. */
  async function namespaceWith(service: string, ip: string): Promise<Namespace> {
    const namespace = await Namespace.create(cluster);
    await namespace.createService(service, false);
    await namespace.createSlice(`${service}-1`, service, ip);
    await cluster.create(namespace.path("serviceaccounts"), { metadata: { name: "cart" } });
    return namespace;
  }

  /** The command, closed, over TLS; and how to ask it. */
  async function startClosed() {
    const pki = await testPki();
    const { files } = use(await createSecretDir(pki.ca, await pki.issueFor({ ips: ["127.0.0.1"] })));
    const kubeconfig = ["--registry", "kubernetes", "--kubeconfig", cluster.kubeconfig("admin")];
    const port = await runningCommand(...kubeconfig, "--tls-cert", files.cert, "--tls-key", files.key, "--tokens", "--closed");
    return (token: string) => new TestClient(port, { ca: pki.ca }, token);
  }

  test("it knows a ServiceAccount by its token, for the audience that it has, while there is one, and as it was signed", async () => {
    const { name } = await namespaceWith("web", "10.40.0.1");
    const reviewer = kubernetesReviewer(await kubeconfigClient(cluster.kubeconfig("admin")));
    const review = (token: string, wanted = audience) => reviewer.review(token, wanted, new AbortController().signal);
    const token = await cluster.token(name, "cart", audience);
    expect(await review(token)).toEqual({ username: `system:serviceaccount:${name}:cart` });
    expect(await review(token, "other")).toEqual({ problem: expect.stringMatching(/audience/) });
    expect(await review(await cluster.token(name, "cart", "other"))).toEqual({ problem: expect.stringMatching(/audience/) });
    const forged = `${token.slice(0, -8)}${token.endsWith("AAAAAAAA") ? "BBBBBBBB" : "AAAAAAAA"}`;
    expect(await review(forged)).toEqual({ problem: expect.any(String) });
    // Others, one after the other: the apiserver remembers for 10 s which were good, and hears of what it has deleted a moment later.
    const orphans = await Promise.all(Array.from({ length: 30 }, (_, index) => cluster.token(name, "cart", audience, 7_200 + index)));
    await cluster.delete(`/api/v1/namespaces/${name}/serviceaccounts/cart`);
    const verdicts: unknown[] = [];
    for (const orphan of orphans) verdicts.push(await review(orphan));
    expect(verdicts.at(-1)).toEqual({ problem: expect.any(String) });
  });

  test("who may not ask for reviews can't say who anybody is", async () => {
    const { name } = await namespaceWith("web", "10.40.0.1");
    const reviewer = kubernetesReviewer(await kubeconfigClient(cluster.kubeconfig("nobody")));
    const token = await cluster.token(name, "cart", audience);
    await expect(reviewer.review(token, audience, new AbortController().signal)).rejects.toThrow(/^TokenReview: .*forbidden/);
  });

  test("closed, a client has its own namespace's Services, and those whose annotation names it, from the moment in which it does", async () => {
    const own = await namespaceWith("web", "10.40.0.1");
    const other = await namespaceWith("pay", "10.40.0.2");
    const ask = await startClosed();
    const [web, pay] = [`web.${own.name}:80`, `pay.${other.name}:80`];
    const client = ask(await cluster.token(own.name, "cart", audience));
    const texts = client.delta(true, web, pay);
    expect((await texts.next()).value).toBe(`${web}=10.40.0.1 -${pay}`);
    await other.annotate("pay", { "meshless.dev/clients": `${own.name}/cart` });
    expect((await texts.next()).value).toBe(`${pay}=10.40.0.2`);
    await other.annotate("pay", { "meshless.dev/clients": null });
    expect((await texts.next()).value).toBe(`-${pay}`);
    client.cancel();
    await expect(
      ask(await cluster.token(own.name, "cart", "https://other"))
        .delta(true, web)
        .next(),
    ).rejects.toThrow(/another audience/);
  });

  test("without the apiserver, streams go on, a token that is known comes in, and others have to wait", async () => {
    const { name } = await namespaceWith("web", "10.40.0.1");
    const ask = await startClosed();
    const [token, other] = [await cluster.token(name, "cart", audience), await cluster.token(name, "cart", audience, 7_200)];
    const web = `web.${name}:80`;
    const first = ask(token);
    const texts = first.delta(true, web);
    expect((await texts.next()).value).toBe(`${web}=10.40.0.1`);
    await cluster.killApiserver();
    expect((await ask(token).delta(true, web).next()).value).toBe(`${web}=10.40.0.1`);
    await expect(ask(other).delta(true, web).next()).rejects.toThrow(/\[unavailable\] the token can't be checked now/);
    await cluster.startApiserver();
    expect((await ask(other).delta(true, web).next()).value).toBe(`${web}=10.40.0.1`);
    first.cancel();
  });
});
