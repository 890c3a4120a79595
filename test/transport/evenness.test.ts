import { describe, expect, it } from "vitest";
import { powerOfTwo } from "../../src/balancer/policies/power-of-two.ts";
import { scriptedSource, seededRandom } from "../../src/testing/index.ts";
import { type BalancedClient, readyClient } from "../support/balanced-client.ts";
import { type EchoFleet, startEchoFleet } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { use } from "../support/use.ts";

const CONCURRENCY = 30;

/** Makes calls of a millisecond, so many at a time, and returns what they failed with. */
async function load(client: BalancedClient["client"], calls: number, concurrency = CONCURRENCY): Promise<string[]> {
  const failures: string[] = [];
  let left = calls;
  const worker = async () => {
    while (left-- > 0) await client.echo({ behavior: { delayMs: 1 } }).catch((error: Error) => failures.push(error.message));
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return failures;
}

function shares(fleet: EchoFleet): number[] {
  const attempts = fleet.attempts();
  const total = attempts.reduce((sum, count) => sum + count, 0);
  return attempts.map((count) => count / total);
}

describe("over three servers", () => {
  it.each(["connect", "grpc"] as const)("3000 calls in %s spread evenly", async (protocol) => {
    const fleet = use(await startEchoFleet(3));
    const { client } = await readyClient(fleet.target, { protocol, policy: powerOfTwo(), random: seededRandom(7) });
    expect(await load(client, 3000)).toEqual([]);
    for (const share of shares(fleet)) expect(Math.abs(share * 3 - 1)).toBeLessThan(0.1);
    expect(fleet.servers.map((server) => server.acceptedConnections())).toEqual([1, 1, 1]);
  });

  it("calls made one after the other spread too", async () => {
    const fleet = use(await startEchoFleet(3));
    const { client } = await readyClient(fleet.target, { policy: powerOfTwo(), random: seededRandom(7) });
    expect(await load(client, 600, 1)).toEqual([]);
    for (const share of shares(fleet)) expect(Math.abs(share * 3 - 1)).toBeLessThan(0.2);
  });

  it("with the default policy, which goes by latency where servers report nothing, none of three equal ones is left out", async () => {
    const fleet = use(await startEchoFleet(3));
    const { client } = await readyClient(fleet.target, { random: seededRandom(7) });
    expect(await load(client, 3000)).toEqual([]);
    for (const share of shares(fleet)) expect(share).toBeGreaterThan(1 / 6);
  });

  it("a killed server gets nothing more, no call that was waiting for an answer is lost, and the others share evenly", async () => {
    const fleet = use(await startEchoFleet(3));
    const [killed, ...others] = fleet.servers;
    const { client } = await readyClient(fleet.target, { policy: powerOfTwo(), random: seededRandom(7) });
    const loading = load(client, 3000);
    await killed?.until(() => killed.calls.length === 300);
    await killed?.kill();
    const atDeath = killed?.calls.length ?? 0;
    expect(await loading).toEqual([]);
    // What had reached it when it died may still show.
    expect(killed?.calls.length).toBeLessThanOrEqual(atDeath + CONCURRENCY);
    expect(killed?.acceptedConnections()).toBe(1);
    const [a, b] = others.map(({ calls }) => calls.length) as [number, number];
    expect(Math.abs(a / b - 1)).toBeLessThan(0.1);
  });

  it("a new server gets its share, at once without slow start", async () => {
    const fleet = use(await startEchoFleet(3));
    const newcomer = use(await startEchoServer({ name: "newcomer" }));
    const source = scriptedSource(endpointsOf(...fleet.servers));
    const { client } = await readyClient(source, { policy: powerOfTwo(), random: seededRandom(7), slowStart: false });
    expect(await load(client, 300)).toEqual([]);
    source.update(endpointsOf(...fleet.servers, newcomer));
    await newcomer.until(() => newcomer.openConnections() === 1);
    const before = fleet.attempts();
    expect(await load(client, 2000)).toEqual([]);
    const counts = [...fleet.attempts().map((count, index) => count - (before[index] ?? 0)), newcomer.calls.length];
    for (const count of counts) expect(Math.abs(count / 500 - 1)).toBeLessThan(0.15);
  });
});
