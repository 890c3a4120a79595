import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { use } from "../support/use.ts";
import { run } from "./run.ts";

function fileOf(content: unknown, name = "endpoints.json"): string {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** Four servers in two shards, one of them not there. */
async function shards() {
  const { servers } = use(await startEchoFleet(3));
  const endpoints = [...servers, { port: 1 }].map(({ port }, index) => ({
    address: "127.0.0.1",
    port,
    id: `pod-${index}`,
    labels: { shard: String(index % 2) },
  }));
  return `file://${fileOf(endpoints)}`;
}

test("endpoints lists who is there, and who can be reached", async () => {
  const { code, out } = await run(["endpoints", await shards()]);
  expect(out.split("\n").slice(0, 5)).toEqual([
    expect.stringMatching(/^ENDPOINT +ADDRESS +ZONE +WEIGHT +PRIORITY +STANDING +WHY$/),
    ...[0, 1, 2].map((pod) => expect.stringMatching(new RegExp(`^pod-${pod} +127\\.0\\.0\\.1:\\d+ +- +1 +0 +sound +eligible$`))),
    expect.stringMatching(/^pod-3 +127\.0\.0\.1:1 +- +1 +0 +unreachable +.*ECONNREFUSED/),
  ]);
  expect(code).toBe(0);
});

test("endpoints ends with 1 where none can be reached, and with 3 where none is known", async () => {
  expect(await run(["endpoints", "static:///127.0.0.1:1"])).toMatchObject({ code: 1, out: expect.stringContaining("unreachable") });
  expect(await run(["endpoints", "file:///nowhere/x.json"])).toMatchObject({
    code: 3,
    err: expect.stringMatching(/✗ no endpoints of .*ENOENT/),
  });
});

test("explain says who could take a call, who would, and why not the others", async () => {
  const target = await shards();
  const { code, out } = await run(["explain", target, "--shard", "0"]);
  expect(code).toBe(0);
  const rows = out.split("\n").slice(3, 7);
  expect(rows.slice(0, 2).sort()).toEqual(
    [0, 2].map((pod) => expect.stringMatching(new RegExp(`^pod-${pod} .* yes +(4|5)\\d\\.\\d %  eligible$`))),
  );
  expect(rows.slice(2).sort()).toEqual([
    expect.stringMatching(/^pod-1 .* no +0 % {2}its shard is 1$/),
    expect.stringMatching(/^pod-3 .* no +0 % {2}its shard is 1; .*ECONNREFUSED/),
  ]);
});

test("explain says why nobody would take a call", async () => {
  const { code, out } = await run(["explain", await shards(), "--shard", "9"]);
  expect(out).toContain('✗ no endpoint would take it: none of 4 known has shard "9"');
  expect(code).toBe(1);
});

test("explain finds the one endpoint of a key", async () => {
  const args = ["explain", await shards(), "--policy", "maglev", "--hash-key", "user-7", "--json"];
  const { endpoints } = JSON.parse((await run(args)).out) as { endpoints: { endpoint: { id: string }; share: number }[] };
  expect(endpoints.map(({ share }) => share)).toEqual([1, 0, 0, 0]);
  expect((JSON.parse((await run(args)).out) as typeof args & { endpoints: typeof endpoints }).endpoints[0]?.endpoint.id).toBe(
    endpoints[0]?.endpoint.id,
  );
});

test("watch tells what happens, until it is stopped", async () => {
  const { servers } = await startEchoFleet(1);
  const stop = new AbortController();
  const lines: string[] = [];
  const [server] = servers;
  const ended = run(["watch", `static:///127.0.0.1:${server?.port}`], {
    signal: stop.signal,
    out(text) {
      lines.push(text);
      if (/ready/.test(text)) server?.kill();
      if (/unreachable/.test(text)) stop.abort();
    },
  });
  expect(await ended).toMatchObject({ code: 0 });
  expect(lines).toContainEqual(expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} {2}debug {2}endpoint 127\.0\.0\.1:\d+ added\n$/));
  expect(lines).toContainEqual(expect.stringMatching(/warn {3}endpoint 127\.0\.0\.1:\d+ unreachable: /));
});

test("xds shows what a control plane serves of a service, and which clients have it", async () => {
  const registry = memoryRegistry({
    "a.b:80": { endpoints: [{ address: "127.0.0.1", port: 1, zone: "z", region: "r", weight: 3, health: "draining" }] },
  });
  const plane = use(createControlPlane({ registry, allowAddresses: ["127.0.0.0/8"] }));
  const [port, admin] = [await plane.listen("127.0.0.1:0"), await plane.listenAdmin("127.0.0.1:0")];
  const controlPlane = `127.0.0.1:${port}`;
  const { transport } = balancedClient("xds:///a.b:80", { discovery: { xds: { controlPlane, node: { id: "somebody" } } } });
  await expect.poll(() => transport.inspect().state, { timeout: 15_000 }).toBe("open");
  const { code, out } = await run(["xds", "a.b:80", "--control-plane", controlPlane, "--admin", `127.0.0.1:${admin}`, "--timeout", "15"]);
  expect(out).toMatch(/^a\.b:80: 1 endpoints\n\npriority 0, r\/z\n {2}127\.0\.0\.1:1 {2}weight 3 {2}draining\n/);
  expect(out).toMatch(/somebody +ClusterLoadAssignment +[0-9a-f]{16} +synced, acked/);
  expect(code).toBe(0);
  expect(await run(["xds", "a.c:80", "--control-plane", controlPlane, "--timeout", "2"])).toMatchObject({
    code: expect.toBeOneOf([1, 3]),
    err: expect.stringMatching(/xds:\/\/\/a\.c:80/),
  });
});

test("lint says what is wrong with a file of endpoints, and where", async () => {
  const good = fileOf(["10.0.0.1:80", "10.0.0.2:80"]);
  expect(await run(["lint", good])).toMatchObject({ code: 0, out: "2 endpoints of 1 service, 0 remarks\n" });
  const doubtful = fileOf(["10.0.0.1:80"]);
  expect(await run(["lint", doubtful])).toMatchObject({ code: 0, out: expect.stringMatching(/^! it has one endpoint; /) });
  const empty = fileOf([]);
  expect(await run(["lint", empty, "--json"])).toMatchObject({ code: 1 });
  const wrong = fileOf({ endpoints: [{ address: "10.0.0.1", port: 99_999 }] });
  expect(await run(["lint", wrong])).toMatchObject({ code: 1, err: expect.stringMatching(/endpoints\[0\]\.port: expected/) });
});

test.each([
  [["frobnicate"], /unknown command 'frobnicate'/],
  [["endpoints"], /missing required argument 'target'/],
  [["endpoints", "checkout.shop:8080"], /dns:\/\/\//],
  [["endpoints", "static:///127.0.0.1:1", "--timeout", "soon"], /--timeout.*expected seconds/],
  [["endpoints", "static:///127.0.0.1:1", "--ca", "/nowhere/ca.pem"], /\/nowhere\/ca\.pem/],
  [["xds", "a.b:80"], /MESHLESS_CONTROL_PLANE/],
  [["top", "--page", "nonsense"], /--page nonsense: expected the address of a page/],
  [["top", "--transport", "x"], /--transport.*expected a whole number/],
])("%j can't be understood, which ends with 2", async (args, message) => {
  expect(await run(args)).toMatchObject({ code: 2, err: expect.stringMatching(message), out: "" });
});

test("help names commands and exit codes", async () => {
  const { code, out } = await run(["--help"]);
  expect(code).toBe(0);
  for (const word of ["endpoints", "watch", "explain", "check", "lint", "xds", "top", "Exit codes"]) expect(out).toContain(word);
});
