import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { type DebugSnapshot, serveDebugPage } from "../../src/debug/index.ts";
import { ConfigurationError } from "../../src/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { listenOnLoopback } from "../support/listen.ts";
import { use } from "../support/use.ts";

async function setUp() {
  const fleet = use(await startEchoFleet(2));
  const { transport, client } = balancedClient(fleet.target);
  const clock = manualClock();
  const page = use(await serveDebugPage({ transports: [transport], port: 0, name: "a test", clock }));
  return { page, clock, transport, client, target: fleet.target };
}

/** As somebody asks who writes any header. */
async function ask(port: number, path: string, headers: Record<string, string> = {}, method = "GET") {
  const asked = request({ host: "127.0.0.1", port, path, headers, method, agent: false, setHost: !("host" in headers) });
  asked.end();
  const [response] = await once(asked, "response");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode as number, headers: response.headers as Record<string, string>, body };
}

test("the snapshot says what inspect() says, with the traffic since somebody looks", async () => {
  const { page, clock, transport, client, target } = await setUp();
  await client.echo({ text: "before anybody looks" });
  await ask(page.port, "/snapshot.json");
  for (let call = 0; call < 20; call++) await client.echo({ text: "x" });
  clock.advance(2_000);
  const snapshot = JSON.parse((await ask(page.port, "/snapshot.json")).body) as DebugSnapshot;
  expect(snapshot).toMatchObject({ version: 1, process: { name: "a test", pid: process.pid, node: process.version }, targets: [target] });
  const { traffic, endpoints, events, endpointsLeftOut, ...rest } = snapshot.transport ?? expect.fail("there is no transport");
  expect({ ...rest, endpoints: endpoints.map(({ traffic: _, ...endpoint }) => endpoint) }).toEqual(
    JSON.parse(JSON.stringify(transport.inspect())),
  );
  expect(traffic).toMatchObject({ windowMs: 2_000, callsPerSecond: 10, successShare: 1, repeatedShare: 0 });
  expect(endpoints.reduce((sum, { traffic: { share } }) => sum + share, 0)).toBeCloseTo(1);
  expect(endpoints.reduce((sum, { traffic: { attemptsPerSecond } }) => sum + attemptsPerSecond, 0)).toBeCloseTo(10);
  expect([events, endpointsLeftOut]).toEqual([expect.any(Array), 0]);
});

test("a transport that is added is shown as well, and another place is not found", async () => {
  const { page, target } = await setUp();
  page.add(balancedClient("static:///127.0.0.1:1").transport);
  const snapshot = JSON.parse((await ask(page.port, "/snapshot.json?transport=1")).body) as DebugSnapshot;
  expect(snapshot).toMatchObject({ targets: [target, "static:///127.0.0.1:1"], transport: { target: "static:///127.0.0.1:1" } });
  for (const place of ["2", "-1", "0.5", "x", "length"]) {
    expect((await ask(page.port, `/snapshot.json?transport=${place}`)).status).toBe(404);
  }
});

test("the page may run its own script alone, and nobody may frame, read or keep it", async () => {
  const { page } = await setUp();
  const { status, headers, body } = await ask(page.port, "/");
  expect([status, body.match(/<script/g)?.length]).toEqual([200, 1]);
  expect(body).not.toMatch(/(src|href)="https?:|@import|url\(http/);
  expect(headers).toMatchObject({
    "content-security-policy": expect.stringMatching(
      /^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'; .*frame-ancestors 'none'$/,
    ),
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
  });
  expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
});

test("other names, other sites and other methods are refused, and told why", async () => {
  const { page } = await setUp();
  const refused = [
    await ask(page.port, "/snapshot.json", { host: `evil.example:${page.port}` }),
    await ask(page.port, "/snapshot.json", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" }),
    await ask(page.port, "/snapshot.json", {}, "POST"),
    await ask(page.port, "/etc/passwd"),
  ];
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 405, 404]);
  for (const { body, headers } of refused) {
    expect(body).toMatch(/^[a-z].*\n$/);
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  }
});

test.each(["//", "/?transport=%", "/snapshot.json?transport=%00", "*", "/snapshot.json?transport=0&transport=9"])(
  "%s is answered, and the process goes on",
  async (path) => {
    const { page } = await setUp();
    const socket = connect(page.port, "127.0.0.1");
    socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const [chunk] = await once(socket, "data");
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 (200|400|404) /);
    expect((await ask(page.port, "/snapshot.json")).status).toBe(200);
  },
);

test("a port that is taken is told with what to do", async () => {
  const taken = createServer();
  const port = await listenOnLoopback(taken);
  await expect(serveDebugPage({ transports: [], port })).rejects.toThrow(
    new ConfigurationError(`serveDebugPage.port: ${port} is taken on 127.0.0.1; choose another one, or 0 for any that is free`),
  );
  taken.close();
});

test("close() ends connections, and leaves the transports as they are", async () => {
  const { page, client } = await setUp();
  const socket = connect(page.port, "127.0.0.1");
  await once(socket, "connect");
  await Promise.all([page.close(), page.close()]);
  await page.close();
  await once(socket, "close");
  await expect(fetch(page.url)).rejects.toThrow();
  await client.echo({ text: "x" });
});
