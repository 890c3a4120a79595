import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import type { Environment } from "../../cli/src/environment.ts";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import type { Registry } from "../../control-plane/src/registry/registry.ts";
import { createHealthReporter, healthReporting, orcaService } from "../../src/server-hooks/index.ts";
import { startSecuredPlane } from "../control-plane/secured-plane.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { listenOnLoopback } from "../support/listen.ts";
import { testPki } from "../support/test-pki.ts";
import { use } from "../support/use.ts";
import { closedPlane } from "./closed-plane.ts";
import { run } from "./run.ts";

interface Finding {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly found: string;
  readonly next?: string;
}

/** What is found, the good in short. */
async function check(args: readonly string[], given: Partial<Environment> = {}) {
  const { code, out, err } = await run(["check", ...args, "--json", "--timeout", "10"], given);
  const { findings } = JSON.parse(out || "{}") as { findings?: readonly Finding[] };
  return { code, err, findings: findings ?? [], bad: (findings ?? []).filter(({ status }) => status !== "ok") };
}

/** A service of two servers in two zones that report, and its control plane. */
async function healthy() {
  const servers = await Promise.all(
    ["a", "b"].map(async (zone) => {
      const reporter = createHealthReporter();
      const routes = (router: Parameters<typeof orcaService>[0]) => orcaService(router, reporter.sampler);
      const server = use(await startEchoServer({ name: zone, interceptors: [healthReporting()], routes }));
      return { address: "127.0.0.1", port: server.port, zone, region: "r" };
    }),
  );
  const plane = use(
    createControlPlane({ registry: memoryRegistry({ "a.b:80": { endpoints: servers } }), allowAddresses: ["127.0.0.0/8"] }),
  );
  const controlPlane = `127.0.0.1:${await plane.listen("127.0.0.1:0")}`;
  const admin = `127.0.0.1:${await plane.listenAdmin("127.0.0.1:0")}`;
  return { controlPlane, admin, args: ["xds:///a.b:80", "--control-plane", controlPlane, "--admin", admin, "--zone", "a"] };
}

const failing = (name: string, found: RegExp, next: RegExp) => ({
  name,
  status: "fail",
  found: expect.stringMatching(found),
  next: expect.stringMatching(next),
});

describe("check", { timeout: 60_000 }, () => {
  it("finds nothing wrong with a healthy fleet", async () => {
    const { args } = await healthy();
    const { code, findings, bad } = await check(args);
    expect(bad).toEqual([]);
    expect(findings.map(({ name }) => name.replace(/ 127.*/, ""))).toEqual([
      "Node.js",
      "control plane",
      "control plane",
      "clock",
      "admin port",
      "endpoints",
      "sessions",
      "addresses",
      "zones",
      "load reports",
    ]);
    expect(code).toBe(0);
  });

  it("prints a line for each finding, and below it what to do", async () => {
    const { out } = await run(["check", "static:///127.0.0.1:1", "--timeout", "1"]);
    expect(out).toMatch(
      /^✓ Node\.js: v24\.21\.0\n✓ endpoints: 1 of static:\/\/\/127\.0\.0\.1:1\n✗ sessions: 0 of 1 endpoints are reached: .*\n {4}→ do they run, and is this their port\?/,
    );
    expect(out).toMatch(/\n1 failed/);
  });

  it("names a control plane that is down", async () => {
    const { code, bad } = await check(["--control-plane", "127.0.0.1:1"]);
    expect([code, bad]).toEqual([
      1,
      [
        {
          name: "control plane 127.0.0.1:1",
          status: "fail",
          found: expect.stringContaining("ECONNREFUSED"),
          next: "is it running, and is this the port of its --listen?",
        },
      ],
    ]);
  });

  it("names a wrong port: the admin port of the control plane", async () => {
    const { admin } = await healthy();
    const { code, bad } = await check(["--control-plane", admin]);
    expect([code, bad[0]?.status, bad[0]?.next]).toEqual([1, "fail", expect.stringMatching(/admin port|another port/)]);
  });

  it("names a port that says nothing", async () => {
    const mute = createServer(() => {});
    const { bad } = await check(["--control-plane", `127.0.0.1:${await listenOnLoopback(mute)}`]);
    expect(bad[0]).toMatchObject({ status: "fail", next: expect.stringMatching(/\w/) });
    mute.close();
  });

  it("names TLS on one side alone, whichever side that is", async () => {
    const secured = await startSecuredPlane({ registry: memoryRegistry({}) });
    const plain = await check(["--control-plane", `127.0.0.1:${secured.port}`]);
    expect(plain.bad[0]).toMatchObject({ status: "fail", next: expect.stringMatching(/does it serve TLS\? Then give --control-plane-ca/) });
    const { controlPlane } = await healthy();
    const encrypted = await check(["--control-plane", controlPlane, "--control-plane-tls"]);
    expect(encrypted.bad[0]).toMatchObject({
      status: "fail",
      found: expect.stringContaining("does not speak TLS"),
      next: expect.stringMatching(/^does it serve TLS there/),
    });
  });

  it("names an authority that did not sign the control plane's certificate", async () => {
    const secured = await startSecuredPlane({ registry: memoryRegistry({}) });
    const { bad } = await check(["--control-plane", `127.0.0.1:${secured.port}`, "--control-plane-tls"]);
    expect(bad[0]).toMatchObject({ status: "fail", next: expect.stringContaining("--control-plane-ca the authority of its certificate") });
  });

  it("names a control plane whose registry is not complete", async () => {
    const registry = { description: "one that hangs", watch: () => ({ close() {} }) };
    const plane = use(createControlPlane({ registry }));
    const [port, admin] = [await plane.listen("127.0.0.1:0"), await plane.listenAdmin("127.0.0.1:0")];
    const { bad } = await check(["--control-plane", `127.0.0.1:${port}`, "--admin", `127.0.0.1:${admin}`]);
    expect(bad.map(({ status, found }) => [status, found])).toEqual([
      ["warn", expect.stringContaining("not ready")],
      ["warn", expect.stringContaining("not ready")],
    ]);
  });

  it("names a service that there is not", async () => {
    const { controlPlane } = await healthy();
    const { code, bad } = await check(["xds:///a.c:80", "--control-plane", controlPlane]);
    expect([code, bad]).toEqual([1, [expect.objectContaining({ name: "endpoints", status: "fail" })]]);
  });

  it("names a clock that is off", async () => {
    const { controlPlane } = await healthy();
    const { code, bad } = await check(["--control-plane", controlPlane], { timeOfDay: () => Date.now() + 600_000 });
    expect([code, bad]).toEqual([
      1,
      [{ name: "clock", status: "fail", found: "the control plane's is 10 min behind ours", next: expect.stringContaining("NTP") }],
    ]);
  });

  it.each(["v20.19.0", "v22.22.9", "v24.16.0", "v25.1.0", "v26.3.0"])("names a Node.js that is too old: %s", async (nodeVersion) => {
    const { bad } = await check(["static:///127.0.0.1:1"], { nodeVersion });
    expect(bad[0]).toEqual({
      name: "Node.js",
      status: "fail",
      found: `${nodeVersion} is not supported`,
      next: expect.stringContaining("24.17.0"),
    });
  });

  it("names what may be a ClusterIP", async () => {
    const { servers } = use(await startEchoFleet(1));
    const { bad } = await check([`dns:///localhost:${servers[0]?.port}`]);
    expect(bad).toContainEqual(
      expect.objectContaining({
        name: "addresses",
        status: "warn",
        found: expect.stringContaining("ClusterIP"),
        next: expect.stringContaining("headless"),
      }),
    );
  });

  it("names a zone that is not known, and one that nobody is in", async () => {
    const { servers } = use(await startEchoFleet(2));
    const target = `static:///${servers.map(({ address }) => address).join(",")}`;
    expect((await check([target, "--zone", "a"])).bad).toContainEqual(expect.objectContaining({ name: "zones", status: "warn" }));
    const { controlPlane } = await healthy();
    const nowhere = await check(["xds:///a.b:80", "--control-plane", controlPlane, "--zone", "mars"]);
    expect(nowhere.bad).toContainEqual(expect.objectContaining({ name: "zones", status: "warn", found: expect.stringContaining("mars") }));
    const silent = await check(["xds:///a.b:80", "--control-plane", controlPlane]);
    expect(silent.bad).toEqual([
      expect.objectContaining({ name: "zones", status: "warn", found: "endpoints are in a, b, and this client does not know its own" }),
    ]);
  });

  it("names servers that don't report", async () => {
    const { servers } = use(await startEchoFleet(2));
    const { code, bad } = await check([`static:///${servers.map(({ address }) => address).join(",")}`]);
    expect([code, bad]).toEqual([
      0,
      [expect.objectContaining({ name: "load reports", status: "warn", next: expect.stringContaining("healthReporting()") })],
    ]);
  });

  it("names servers of TLS that are called without it", async () => {
    const pki = await testPki();
    const server = use(await startEchoServer({ tls: await pki.issueFor({ ips: ["127.0.0.1"] }) }));
    const { code, bad } = await check([`static:///${server.address}`]);
    expect([code, bad]).toEqual([
      1,
      [
        expect.objectContaining({
          name: "sessions",
          status: "fail",
          found: expect.stringContaining("TLS"),
          next: expect.stringContaining("--ca"),
        }),
      ],
    ]);
  });

  it("names a token that is missing, expired, for another audience, or of nobody", async () => {
    const { argsOf, argsWithout } = await closedPlane();
    const checkWith = (claims: object) => check(argsOf(claims).split(" "));
    expect((await checkWith({})).bad.map(({ name }) => name)).toEqual(["sessions"]);
    expect((await check(argsWithout.split(" "))).bad).toEqual([failing("endpoints", /unauthenticated.*expected a token/, /--token-file/)]);
    expect((await checkWith({ exp: 1_000_000_000 })).bad).toEqual([
      failing("token", /expired \d+ h ago/, /kubelet renews/),
      failing("endpoints", /unauthenticated.*the token expired at 2001-/, /kubelet renews/),
    ]);
    expect((await checkWith({ aud: ["other"] })).bad).toEqual([
      failing("endpoints", /for another audience: project one with audience meshless-control-plane/, /meant for/),
    ]);
    expect((await checkWith({ sub: "nobody" })).bad).toEqual([failing("endpoints", /refused: no such account/, /meant for/)]);
    const nothing = await check([...argsWithout.split(" "), "--token-file", "/nowhere/token"]);
    expect(nothing.bad[0]).toEqual(failing("token", /\/nowhere\/token can't be read/, /projected/));
  });

  it("names a control plane that may not have tokens checked, for want of RBAC", async () => {
    const { code, bad } = await check((await closedPlane()).argsOf({ sub: "not:checked" }).split(" "));
    expect([code, bad]).toEqual([1, [failing("endpoints", /can't be checked now/, /create tokenreviews/)]]);
  });

  it("names a control plane that may not read its registry, for want of RBAC", async () => {
    const forbidden = 'services is forbidden: User "system:serviceaccount:infra:plane" cannot list resource "services"';
    const registry: Registry = {
      description: "one that may not be read",
      watch(observer) {
        observer.trouble(new Error(forbidden));
        return { close() {} };
      },
    };
    const plane = use(createControlPlane({ registry }));
    const [port, admin] = [await plane.listen("127.0.0.1:0"), await plane.listenAdmin("127.0.0.1:0")];
    const { code, bad } = await check(["--control-plane", `127.0.0.1:${port}`, "--admin", `127.0.0.1:${admin}`]);
    expect([code, bad.at(-1)]).toEqual([
      1,
      failing("admin port", /services is forbidden/, /list and watch on services and endpointslices/),
    ]);
  });

  it("names a service that is of another namespace, and not for this client", async () => {
    const { code, bad } = await check((await closedPlane()).argsOf({ sub: "bank:pay" }).split(" "));
    expect([code, bad]).toEqual([1, [failing("endpoints", /no such service/, /may not have: look at the clients of the service/)]]);
  });

  it("names what is missing: a control plane, or anything at all", async () => {
    expect((await check([])).bad).toEqual([expect.objectContaining({ name: "check", status: "fail" })]);
  });
});
