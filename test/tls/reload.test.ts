import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import type { BalancedTransport, TransportEvent } from "../../src/index.ts";
import { type ManualClock, manualClock } from "../../src/testing/index.ts";
import { balancedClient, readyClient } from "../support/balanced-client.ts";
import { type EchoFleet, startEchoFleet, staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { createSecretDir } from "../support/secret-dir.ts";
import { createPki, type TestPki, testPki } from "../support/test-pki.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const spiffe = { trustDomain: "prod.example" };
const client = { uris: ["spiffe://prod.example/client"] };

/** Virtual time passes here by hours, which no connection lives through in earnest. */
const session = { connectTimeoutMs: 1e9, pingIntervalMs: 0, idleConnectionTimeoutMs: 0 };

async function mutualFleet(pki: TestPki, size: number): Promise<EchoFleet> {
  const tls = { ...(await pki.issueFor({ uris: ["spiffe://prod.example/server"] })), ca: pki.ca, requestCert: true };
  return use(await startEchoFleet(size, { tls }));
}

/** A client whose certificates are in files, in virtual time. */
async function setUp(size: number) {
  const pki = await testPki();
  const fleet = await mutualFleet(pki, size);
  const first = await pki.issueFor(client);
  const dir = use(await createSecretDir(pki.ca, first));
  const clock = manualClock();
  const ready = await readyClient(fleet.target, { clock, session, tls: { files: dir.files, spiffe } });
  return { pki, fleet, dir, clock, first, events: eventsOf(ready.transport), ...ready };
}

function eventsOf(transport: BalancedTransport): TransportEvent[] {
  const events: TransportEvent[] = [];
  void (async () => {
    for await (const event of transport.events()) events.push(event);
  })();
  return events;
}

/** Lets time pass, a second for each turn of the event loop, until the condition holds. */
function passTimeUntil(clock: ManualClock, condition: () => boolean): Promise<void> {
  return eventually(() => {
    clock.advance(1_000);
    return condition();
  });
}

function serialOf({ cert }: { readonly cert: string }): string {
  return new X509Certificate(cert).serialNumber;
}

function count(events: readonly TransportEvent[], type: TransportEvent["type"]): number {
  return events.filter((event) => event.type === type).length;
}

it("two rotations under load cost no call, and each server sees each new certificate", async () => {
  const { pki, fleet, dir, clock, first, events, client: echo } = await setUp(3);
  const failures: unknown[] = [];
  let calls = 0;
  let stopped = false;
  const worker = async () => {
    while (!stopped) {
      calls++;
      await echo.update({ text: "x" }).catch((error) => failures.push(error));
    }
  };
  const enough = Promise.withResolvers<void>();
  const requests = async function* () {
    yield { text: "before" };
    await enough.promise;
    yield { text: "after" };
  };
  const stream = echo.chat(requests())[Symbol.asyncIterator]();
  expect(await stream.next()).toMatchObject({ value: { text: "before" } });
  const workers = Array.from({ length: 8 }, worker);
  const serials = [serialOf(first)];
  for (let rotation = 1; rotation <= 2; rotation++) {
    const next = await pki.issueFor(client);
    serials.push(serialOf(next));
    await dir.swap(pki.ca, next);
    await passTimeUntil(clock, () => fleet.servers.every(({ handshakes }) => handshakes.at(-1)?.clientSerial === serials.at(-1)));
    const callsSoFar = calls;
    await eventually(() => calls > callsSoFar + 100);
  }
  stopped = true;
  await Promise.all(workers);
  enough.resolve();
  expect(await stream.next()).toMatchObject({ value: { text: "after" } });
  expect(await stream.next()).toMatchObject({ done: true });
  expect(failures).toEqual([]);
  // Not one attempt was made twice: no call noticed that its session was replaced.
  expect(fleet.attempts().reduce((sum, attempts) => sum + attempts, 0)).toBe(calls + 1);
  for (const { handshakes } of fleet.servers) {
    expect(handshakes).toEqual(serials.map((clientSerial) => ({ serverName: undefined, clientSerial, resumed: false })));
  }
  await eventually(() => fleet.servers.every((server) => server.openConnections() === 1));
  expect(count(events, "credentialsRenewed")).toBe(2);
  expect(count(events, "credentialsError") + count(events, "renewalFailed")).toBe(0);
});

it("a certificate with another's key is told of and not used, and the pair that follows is", async () => {
  const { pki, fleet, dir, clock, events, client: echo } = await setUp(1);
  const next = await pki.issueFor(client);
  await writeFile(dir.files.cert, next.cert);
  await passTimeUntil(clock, () => count(events, "credentialsError") === 1);
  expect(events.find(({ type }) => type === "credentialsError")).toMatchObject({
    error: {
      message: expect.stringMatching(/^tls\.files .*tls\.crt and .*tls\.key: .*mismatch; the certificates read before stay in use$/),
    },
  });
  await echo.update({});
  expect(fleet.servers[0]?.handshakes).toHaveLength(1);
  await writeFile(dir.files.key, next.key);
  await passTimeUntil(clock, () => fleet.servers[0]?.handshakes.at(-1)?.clientSerial === serialOf(next));
  await echo.update({});
  expect(count(events, "credentialsError")).toBe(1);
});

it("a certificate that the server refuses leaves the old session at work, and says so once", async () => {
  const { pki, fleet, dir, clock, events, client: echo } = await setUp(1);
  const [server] = fleet.servers;
  await dir.swap(pki.ca, await (await createPki()).issueFor(client));
  await passTimeUntil(clock, () => (server?.acceptedConnections() ?? 0) >= 3);
  for (let n = 0; n < 10; n++) await echo.update({});
  expect(server?.handshakes).toHaveLength(1);
  expect(count(events, "renewalFailed")).toBe(1);
  expect(count(events, "endpointUnreachable")).toBe(0);
  const good = await pki.issueFor(client);
  await dir.swap(pki.ca, good);
  await passTimeUntil(clock, () => server?.handshakes.at(-1)?.clientSerial === serialOf(good));
  await echo.update({});
});

it("a server of a new authority is reached as soon as the file names that authority", async () => {
  const [pki, other] = [await testPki(), await createPki("CN=next authority")];
  const server = use(await startEchoServer({ tls: await other.issueFor({ uris: ["spiffe://prod.example/server"] }) }));
  const dir = use(await createSecretDir(pki.ca, await pki.issueFor(client)));
  const clock = manualClock();
  const { client: echo, transport } = balancedClient(staticTarget(server), { clock, session, tls: { files: dir.files, spiffe } });
  expect((await failureOf(echo.update({}))).rawMessage).toMatch(/certificate/);
  await dir.swap(`${pki.ca}\n${other.ca}`, await pki.issueFor(client));
  await passTimeUntil(clock, () => transport.inspect().endpoints[0]?.connectivity === "ready");
  expect(await echo.update({ text: "hi" })).toMatchObject({ text: "hi" });
});

it("a closed transport reads its files no more", async () => {
  const { clock, transport } = await setUp(1);
  expect(clock.pending).toBe(1);
  await transport.close();
  await eventually(() => clock.pending === 0);
});
