import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../logger.ts";
import { runCli } from "./run-cli.ts";

const services = `
services:
  a.b:80:
    fallback: [c.d:80]
    endpoints:
      - { address: 10.0.0.1, port: 80, zone: z, health: draining }
  c.d:80:
    endpoints: [127.0.0.1:80]
`;

/** What it says, and how it ends. */
async function run(text: string | Buffer, ...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "s.yaml");
  writeFileSync(path, text);
  const said = { out: "", err: "" };
  const code = await runCli(["--registry", `file:${path}`, ...args], {
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    logger: () => silentLogger,
  });
  return { code, out: said.out, err: said.err.replaceAll(path, "FILE") };
}

test("--validate says what would be served, and what would not", async () => {
  const { code, out } = await run(services, "--validate");
  expect(out).toBe(
    "a.b:80: 1 endpoints; zones z; 1 not healthy; falls back on c.d:80\nc.d:80: 0 endpoints\n" +
      "c.d:80: 127.0.0.1 is refused as an endpoint: see --allow-addresses\n",
  );
  expect(code).toBe(1);
  expect(await run(services, "--validate", "--allow-addresses", "127.0.0.0/8")).toMatchObject({ code: 0, err: "" });
});

test("--validate says file, line and field of what is wrong", async () => {
  const { code, out, err } = await run("services:\n  a.b:80:\n    endpoints: [x]\n", "--validate");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^FILE:3: services\["a.b:80"\]\.endpoints\[0\]: expected /);
});

test("--validate refuses what would be refused when it is served: another encoding than UTF-8", async () => {
  const { code, err } = await run(Buffer.from(`${services}# caf\u00e9\n`, "latin1"), "--validate", "--allow-addresses", "127.0.0.0/8");
  expect([code, err]).toEqual([1, expect.stringMatching(/^FILE: .*utf-8/)]);
});

test("--validate says what is wrong with an allow-list", async () => {
  expect(await run(services, "--validate", "--allow-list", "/nowhere/x")).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringMatching(/^\/nowhere\/x: ENOENT/),
  });
});

test("--print prints what is served of a service, packed messages included", async () => {
  const { code, out } = await run(services, "--print", "a.b:80");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    cluster: { version: expect.stringMatching(/^[0-9a-f]{16}$/), resource: { edsClusterConfig: { serviceName: "a.b:80" } } },
    endpoints: { resource: { endpoints: [{ locality: { zone: "z" } }] } },
    listener: { resource: { apiListener: { apiListener: { routeConfig: { virtualHosts: [{ domains: ["*"] }] } } } } },
  });
  expect(await run(services, "--print", "x")).toMatchObject({ code: 1, err: expect.stringMatching(/FILE has no service "x"/) });
});

test.each([
  [["--listen", "18000"], /--listen.*expected an address with a port/],
  [["--registry", "services.yaml"], /--registry.*expected kubernetes, or file:PATH/],
  [["--registry", "kubernetes", "--validate", "--kubeconfig", "/nowhere/config"], /ENOENT.*\/nowhere\/config/],
  [["--registry", "kubernetes", "--namespace", "a", "../b"], /--namespace.*expected the name of a namespace/],
  [["--registry", "kubernetes", "--kubeconfig", "/nowhere/config"], /ENOENT.*\/nowhere\/config/],
  [["--registry", "kubernetes", "--remote-cluster", "eu.kubeconfig"], /--remote-cluster.*expected a cluster's name and its kubeconfig/],
  [["--registry", "kubernetes", "--remote-cluster", "eu=a", "eu=b"], /--remote-cluster.*cluster eu is named twice/],
  [["--remote-cluster", "eu=a"], /--remote-cluster: only with --registry kubernetes/],
  [["--namespace", "a"], /--namespace: only with --registry kubernetes/],
  [["--own-pods-only"], /--own-pods-only: only with --registry kubernetes/],
  [["--allow-addresses", "10"], /--allow-addresses.*expected an IP address or a range/],
  [["--removal-grace", "-1"], /--removal-grace.*expected whole seconds/],
  [["--max-streams", "0"], /--max-streams.*expected a whole number, from 1/],
  [["--max-new-streams", "many"], /--max-new-streams.*expected a whole number, from 1/],
  [["--tls-cert", "x"], /TLS needs both --tls-cert and --tls-key/],
  [["--client-ca", "x"], /TLS needs both --tls-cert and --tls-key/],
  [["--allow-list", "x"], /--allow-list needs --client-ca or --tokens/],
  [["--tokens"], /--tokens needs TLS, or --plaintext-tokens/],
  [["--tokens", "--plaintext-tokens", "--kubeconfig", "/nowhere/config"], /ENOENT.*\/nowhere\/config/],
  [["--kubeconfig", "x"], /--kubeconfig: only with --registry kubernetes, or with --tokens/],
  [["--token-audience", "x"], /--token-audience: only with --tokens/],
  [["--plaintext-tokens"], /--plaintext-tokens: only with --tokens/],
  [["--closed"], /--closed needs --tokens, or --client-ca and --trust-domain/],
  [["--trust-domain", "x"], /--trust-domain: only with --closed and --client-ca/],
  [["--tls-cert", "/nowhere/x", "--tls-key", "y"], /^\/nowhere\/x: ENOENT/],
  [["--load-reports", "x"], /--load-reports.*expected whole seconds/],
  [["--listne", "x"], /unknown option '--listne'/],
  [["--log-level", "loud"], /--log-level loud: expected debug, info, warn or error/],
  [["services.yaml"], /too many arguments/],
])("says what is wrong with %j", async (args, message) => {
  const { code, err } = await run(services, ...args);
  expect(code).toBe(1);
  expect(err).toMatch(message);
});

test("serves until it is told to stop", async () => {
  const { code } = await run(services, "--listen", "127.0.0.1:0");
  if (typeof code === "number") throw new Error(`ended with ${code}`);
  await code.drain(0);
});
