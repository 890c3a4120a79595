import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "meshless/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import type { TokenReviewer } from "../../control-plane/src/access/token-reviewer.ts";
import { ClientAccess } from "../../control-plane/src/client-access.ts";
import { type ControlPlaneOptions, defaultLimits } from "../../control-plane/src/control-plane-options.ts";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { silentLogger } from "../../control-plane/src/logger.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import type { ServiceDefinition } from "../../control-plane/src/registry/service-definition.ts";
import { StreamHost } from "../../control-plane/src/xds/stream-host.ts";
import { allObservers } from "../../control-plane/src/xds/stream-observer.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { failureOf } from "../support/failure-of.ts";
import { testToken } from "../support/test-token.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { hasGrpcio, startGrpcio } from "./grpcio.ts";
import { replacedFile, startSecuredPlane } from "./secured-plane.ts";
import { TestClient } from "./test-client.ts";
import { TextView } from "./text-view.ts";

const one = (address: string) => ({ endpoints: [`${address}:80`] });

/** Whoever issued these tokens: they name the account that stands in them. */
const reviewer: TokenReviewer & { isAway: boolean; readonly deleted: Set<string> } = {
  isAway: false,
  deleted: new Set(["nobody"]),
  async review(token) {
    if (this.isAway) throw new Error("connection refused");
    const { sub } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return this.deleted.has(sub) ? { problem: "no such account" } : { username: `system:serviceaccount:${sub}` };
  },
};

function tokenOf(sub: string, seconds = 3_600): string {
  return testToken({ sub, aud: ["meshless-control-plane"], exp: Math.floor(Date.now() / 1_000) + seconds });
}

/** A control plane that wants to know who its clients are, by certificate or token. */
async function startPlane(
  options: Partial<ControlPlaneOptions> = {},
  services: Readonly<Record<string, ServiceDefinition>> = { "a.shop:80": one("10.0.0.1") },
) {
  reviewer.isAway = false;
  const registry = memoryRegistry(services);
  const plane = await startSecuredPlane({ registry, tokens: { reviewer }, ...options });
  const { ca } = plane.pki;
  const client = (token?: string, tls: object = {}) => new TestClient(plane.port, { ca, ...tls }, token);
  const ask = async (token?: string, ...names: readonly string[]) =>
    (
      await client(token)
        .delta(true, ...(names.length > 0 ? names : ["a.shop:80"]))
        .next()
    ).value;
  return { ...plane, registry, client, ask };
}

test("a client is let in by a good token, and by nothing else; the reason is told, logged and counted, and the token is not", async () => {
  const { ask, log, metrics } = await startPlane();
  expect(await ask(tokenOf("shop:cart"))).toBe("a.shop:80=10.0.0.1");
  await expect(ask()).rejects.toThrow(
    /\[unauthenticated\] expected a token with audience meshless-control-plane, as Authorization: Bearer/,
  );
  await expect(ask(tokenOf("nobody"))).rejects.toThrow(/\[unauthenticated\] the token is refused: no such account/);
  await expect(ask(testToken({ aud: "other", exp: 9e9 }))).rejects.toThrow(/\[unauthenticated\] the token is for another audience/);
  await expect(ask(tokenOf("shop:cart", -1))).rejects.toThrow(/\[unauthenticated\] the token expired at/);
  await expect(ask("x")).rejects.toThrow(/\[unauthenticated\] expected the token of a ServiceAccount/);
  expect(await log.next("client is not let in")).toMatchObject({ reason: "no token", peer: expect.stringMatching(/^127\.0\.0\.1:/) });
  expect(JSON.stringify(log.entries)).not.toMatch(/Bearer [^"]|eyJ/);
  const text = await metrics();
  for (const [name, count] of [
    ['refusals_total{reason="no token"', 1],
    ['reviews_total{result="accepted"', 1],
    ["remembered", 2],
  ]) {
    expect(text).toMatch(new RegExp(`^meshless_control_plane_tokens_${name}.* ${count}$`.replaceAll("{", "\\{"), "m"));
  }
});

test("a certificate of the authority does as well, one of another authority does not, and both together give what either gives", async () => {
  const rules = { "spiffe://prod.example/ns/web/sa/*": ["b.web:80"], "system:serviceaccount:shop:cart": ["a.shop:80"] };
  const plane = await startPlane({ allowList: rules }, { "a.shop:80": one("10.0.0.1"), "b.web:80": one("10.0.0.2") });
  const { createPki } = await import("../support/test-pki.ts");
  const uris = { uris: ["spiffe://prod.example/ns/web/sa/x"] };
  const own = await plane.tlsOf(uris);
  const foreign = await (await createPki("CN=another authority")).issueFor(uris);
  const had = async (tls: object, token?: string) => (await plane.client(token, tls).delta(true, "a.shop:80", "b.web:80").next()).value;
  expect(await had(own)).toBe("b.web:80=10.0.0.2 -a.shop:80");
  expect(await had({}, tokenOf("shop:cart"))).toBe("a.shop:80=10.0.0.1 -b.web:80");
  expect(await had(own, tokenOf("shop:cart"))).toBe("a.shop:80=10.0.0.1 b.web:80=10.0.0.2");
  await expect(had(foreign)).rejects.toThrow(/unauthenticated/);
  expect(await had(foreign, tokenOf("shop:cart"))).toBe("a.shop:80=10.0.0.1 -b.web:80");
  await expect(had(own, tokenOf("nobody"))).rejects.toThrow(/unauthenticated/);
});

test("where it is closed, a client has its own namespace and what names it, and hears of it when that changes", async () => {
  const services = { "a.shop:80": one("10.0.0.1"), "b.bank:80": one("10.0.0.2") };
  const { registry, client } = await startPlane({ closed: true }, services);
  const cart = client(tokenOf("shop:cart"));
  const texts = cart.delta(true, "a.shop:80", "b.bank:80", "b.bank:80/own");
  const next = async () => (await texts.next()).value?.split(" ").sort();
  expect(await next()).toEqual(["-b.bank:80", "-b.bank:80/own", "a.shop:80=10.0.0.1"]);
  registry.set("a.shop:80", { ...one("10.0.0.1"), fallback: ["b.bank:80"] });
  registry.set("b.bank:80", { ...one("10.0.0.2"), clients: ["web", "shop/cart"] });
  expect(await next()).toEqual(["b.bank:80/own=10.0.0.2", "b.bank:80=10.0.0.2"]);
  registry.set("b.bank:80", { ...one("10.0.0.3"), clients: ["web"] });
  expect(await next()).toEqual(["-b.bank:80", "-b.bank:80/own"]);
  registry.set("b.bank:80", { ...one("10.0.0.3"), clients: ["shop"] });
  expect(await next()).toEqual(["a.shop:80=10.0.0.1,10.0.0.3", "b.bank:80/own=10.0.0.3", "b.bank:80=10.0.0.3"]);
  cart.cancel();
});

test("a stream ends when its token expires, and the next one needs another token", async () => {
  const clock = manualClock();
  const { client, log, ask } = await startPlane({ clock });
  const texts = client(tokenOf("shop:cart", 20)).delta(true, "a.shop:80");
  await texts.next();
  clock.advance(10_000);
  expect(await ask(tokenOf("shop:cart"))).toBe("a.shop:80=10.0.0.1");
  clock.advance(10_000);
  expect(await texts.next()).toEqual({ done: true, value: undefined });
  expect(await log.next("stream closed")).toMatchObject({ reason: "its token has expired", identity: "system:serviceaccount:shop:cart" });
});

test("a stream ends within 5 min of the end of its pod, and goes on while nobody can say whether that has ended", async () => {
  const clock = manualClock();
  const tokens = { reviewer, allowPlaintext: true };
  const access = new ClientAccess({ registry: memoryRegistry(), tokens }, { clientsOf: () => [], clock, logger: silentLogger });
  const comes = { peer: "10.0.0.7:51000", names: [], isCertified: false, retire() {} };
  const connection = await access.identify(comes, new Headers({ authorization: `Bearer ${tokenOf("shop:cart")}` }));
  const parts = { view: new TextView(() => {}), random: Math.random, limits: defaultLimits, observer: allObservers([]) };
  const host = new StreamHost({ ...parts, clock });
  const says: AsyncIterable<never> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  const end = host.carry("delta", undefined, says, connection, new AbortController().signal).next();
  const fiveMinutes = async () => {
    clock.advance(300_000);
    await new Promise((resolve) => setImmediate(resolve));
  };
  reviewer.isAway = true;
  await fiveMinutes();
  reviewer.isAway = false;
  await fiveMinutes();
  expect(host.streams.size).toBe(1);
  reviewer.deleted.add("shop:cart");
  onTestFinished(() => void reviewer.deleted.delete("shop:cart"));
  await fiveMinutes();
  expect(await end).toEqual({ done: true, value: undefined });
});

test("while tokens can't be checked, open streams go on and new ones are sent elsewhere", async () => {
  const { registry, client, ask, log } = await startPlane();
  const cart = client(tokenOf("shop:cart"));
  const texts = cart.delta(true, "a.shop:80");
  await texts.next();
  reviewer.isAway = true;
  await expect(ask(tokenOf("shop:web"))).rejects.toThrow(/\[unavailable\] the token can't be checked now/);
  expect(await log.next("review of tokens in trouble")).toMatchObject({ problem: "connection refused" });
  registry.set("a.shop:80", one("10.0.0.2"));
  expect((await texts.next()).value).toBe("a.shop:80=10.0.0.2");
  reviewer.isAway = false;
  expect(await ask(tokenOf("shop:web"))).toBe("a.shop:80=10.0.0.2");
  await log.next("review of tokens is well again");
  cart.cancel();
});

test("reports of load are taken from those alone who are let in", async () => {
  const plane = await startPlane();
  const { createClient } = await import("@connectrpc/connect");
  const { createGrpcTransport } = await import("@connectrpc/connect-node");
  const { LoadReportingService } = await import("../../control-plane/src/gen/envoy/service/load_stats/v3/lrs_pb.ts");
  const transport = createGrpcTransport({ baseUrl: `https://127.0.0.1:${plane.port}`, nodeOptions: { ca: plane.pki.ca } });
  const reports = createClient(LoadReportingService, transport);
  const first = async (headers: Record<string, string>) => {
    for await (const response of reports.streamLoadStats(
      (async function* () {
        yield {};
        await new Promise(() => {});
      })(),
      { headers },
    ))
      return response;
    return undefined;
  };
  await expect(first({})).rejects.toThrow(/unauthenticated/);
  expect(await first({ authorization: `Bearer ${tokenOf("shop:cart")}` })).toMatchObject({ sendAllClusters: true });
});

test("our own client shows the token of its file, as it is when a stream is opened; and says what is wrong with it", async () => {
  const clock = manualClock();
  const { servers } = use(await startEchoFleet(1));
  const endpoints = servers.map(({ port }) => ({ address: "127.0.0.1", port }));
  const services = { "a.shop:80": { endpoints }, "b.shop:80": { endpoints } };
  const plane = await startPlane({ clock, allowAddresses: ["127.0.0.0/8"] }, services);
  const file = replacedFile(`${tokenOf("shop:cart", 20)}\n`);
  const xds = { controlPlane: `127.0.0.1:${plane.port}`, tls: { ca: plane.pki.ca }, tokenFile: file.path };
  const { client, transport } = balancedClient("xds:///a.shop:80", { discovery: { xds } });
  await client.echo({});
  file.write("two tokens");
  clock.advance(20_000);
  expect(await plane.log.next("stream closed")).toMatchObject({ reason: "its token has expired" });
  await eventually(() => /expected one token/.test(`${transport.inspect().sourceError}`));
  await client.echo({});
  file.write(tokenOf("shop:web"));
  await eventually(() => transport.inspect().sourceError === undefined);
  await balancedClient("xds:///b.shop:80", { discovery: { xds } }).client.echo({});
});

test("what a pod has mounted is all that our client needs", async () => {
  const { servers } = use(await startEchoFleet(1));
  const endpoints = servers.map(({ port }) => ({ address: "127.0.0.1", port }));
  const plane = await startPlane({ closed: true, allowAddresses: ["127.0.0.0/8"] }, { "a.shop:80": { endpoints } });
  const folder = mkdtempSync(join(tmpdir(), "secrets-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
    vi.unstubAllEnvs();
  });
  writeFileSync(join(folder, "ca.crt"), plane.pki.ca);
  writeFileSync(join(folder, "token"), tokenOf("shop:cart"));
  vi.stubEnv("MESHLESS_CONTROL_PLANE", `127.0.0.1:${plane.port}`);
  vi.stubEnv("MESHLESS_SECRETS", folder);
  await balancedClient("xds:///a.shop:80").client.echo({});
});

test.skipIf(!hasGrpcio)("gRPC's core shows the token that its bootstrap names", async () => {
  const { servers } = use(await startEchoFleet(1));
  const endpoints = servers.map(({ port }) => ({ address: "127.0.0.1", port }));
  const plane = await startPlane({ closed: true, allowAddresses: ["127.0.0.0/8"] }, { "a.shop:80": { endpoints } });
  const token = replacedFile(tokenOf("shop:cart"));
  const ca = replacedFile(plane.pki.ca);
  const call = await startGrpcio(plane.port, "a.shop:80", { ca_certificate_file: ca.path }, token.path);
  expect(await call()).toBe("s0");
});

test("a control plane that wants a token tells our client which", async () => {
  const plane = await startPlane();
  const xds = { controlPlane: `127.0.0.1:${plane.port}`, tls: { ca: plane.pki.ca } };
  const { client } = balancedClient("xds:///a.shop:80", { discovery: { xds }, endpointsTimeoutMs: 1_000 });
  expect((await failureOf(client.echo({}))).message).toMatch(/expected a token with audience meshless-control-plane/);
});

test.each<[Partial<ControlPlaneOptions>, RegExp]>([
  [{ tokens: { reviewer } }, /^tokens: without tls whoever reads along could use them; give tls, or tokens\.allowPlaintext/],
  [{ tokens: { reviewer, allowPlaintext: true, audience: "" } }, /^tokens\.audience: expected 1 to 253 visible characters, got ""/],
  [{ closed: true }, /^closed: without tokens/],
  [{ closed: { trustDomain: "cluster.local" } }, /^closed: without tokens/],
  [{ allowList: {} }, /^allowList: without tls\.clientCa or tokens/],
])("options that would know nobody, or tell everybody, are an error: %#", (options, message) => {
  expect(() => createControlPlane({ registry: memoryRegistry(), ...options })).toThrow(message);
});

test("tokens without TLS are taken where that is said", async () => {
  const registry = memoryRegistry({ "a.shop:80": one("10.0.0.1") });
  await using plane = createControlPlane({ registry, tokens: { reviewer, allowPlaintext: true } });
  const port = await plane.listen("127.0.0.1:0");
  const client = new TestClient(port, undefined, tokenOf("shop:cart"));
  expect((await client.delta(true, "a.shop:80").next()).value).toBe("a.shop:80=10.0.0.1");
  await eventually(() => plane.isComplete);
  client.cancel();
});
