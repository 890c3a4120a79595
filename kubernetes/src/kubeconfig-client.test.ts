import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { closeServer, listenOnLoopback } from "../../test/support/listen.ts";
import { kubeconfigClient } from "./kubeconfig-client.ts";

/** A server that keeps the credentials that it sees, and a kubeconfig that leads there. */
async function setUp() {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  const port = await listenOnLoopback(server);
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    server.closeAllConnections();
    await closeServer(server);
  });
  const path = (name: string) => join(folder, name);
  const write = (user: object) => {
    const config = {
      clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    };
    writeFileSync(path("config"), JSON.stringify(config));
  };
  return { seen, path, write };
}

const { signal } = new AbortController();
const request = { path: "/api", query: {}, accept: "application/json", signal };

test("comes as the user of the current context, and reads the file again when its credentials are refused", async () => {
  const { seen, path, write } = await setUp();
  write({ token: "one" });
  const client = await kubeconfigClient(path("config"));
  await client.get({ ...request, renewsCredentials: false });
  write({ token: "two" });
  await client.get({ ...request, renewsCredentials: false });
  await client.get({ ...request, renewsCredentials: true });
  write({ username: "anna", password: "secret" });
  await client.get({ ...request, renewsCredentials: true });
  expect(seen).toEqual(["Bearer one", "Bearer one", "Bearer two", `Basic ${Buffer.from("anna:secret").toString("base64")}`]);
});

test("a token in a file of its own, as pods have it, is read each time", async () => {
  const { seen, path, write } = await setUp();
  write({ "auth-provider": { name: "tokenFile", config: { tokenFile: path("token") } } });
  writeFileSync(path("token"), "one\n");
  const client = await kubeconfigClient(path("config"));
  await client.get({ ...request, renewsCredentials: false });
  writeFileSync(path("token"), "two\n");
  await client.get({ ...request, renewsCredentials: false });
  expect(seen).toEqual(["Bearer one", "Bearer two"]);
});

test("says at once what is wrong with a file", async () => {
  const { path } = await setUp();
  await expect(kubeconfigClient("/nowhere/config")).rejects.toThrow(/ENOENT.*\/nowhere\/config/);
  writeFileSync(path("config"), JSON.stringify({ clusters: [], users: [], contexts: [] }));
  await expect(kubeconfigClient(path("config"))).rejects.toThrow(/config has no current context with a cluster/);
});
