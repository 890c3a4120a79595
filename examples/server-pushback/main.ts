// A server that has enough to do sends calls elsewhere before it starts on them, and no call fails for it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectRouter, createClient } from "@connectrpc/connect";
import { createBalancedTransport, roundRobin } from "meshless";
import { boundedHttp2Options, createHealthReporter, protect } from "meshless/server-hooks";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";

/** A server that works on 4 calls at once, and keeps others waiting. */
async function startServer(workMs: number) {
  const handled: string[] = [];
  const waiting: (() => void)[] = [];
  let working = 0;

  async function update({ text }: { text: string }) {
    handled.push(text);
    if (working >= 4) await new Promise<void>((resolve) => waiting.push(resolve));
    working++;
    await sleep(workMs);
    working--;
    waiting.shift()?.();
    return { text };
  }

  // The gate turns calls away before their requests are read: with 4 in flight, more would only wait.
  const health = createHealthReporter({ maxInFlight: 4, pushback: true });
  const routes = (router: ConnectRouter) => router.service(EchoService, { update });
  const server = protect(createServer(boundedHttp2Options(), health.handler({ routes })));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { handled, address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/** 600 calls, 20 at a time, on five servers, of which one is five times slower. Round robin takes no notice of that. */
async function run(pushback: boolean): Promise<void> {
  const servers = await Promise.all([10, 10, 10, 10, 50].map(startServer));
  const transport = createBalancedTransport(`static:///${servers.map(({ address }) => address).join(",")}`, {
    policy: roundRobin(),
    pushback,
  });
  const client = createClient(EchoService, transport);
  const latenciesMs: number[] = [];
  const worker = async (name: number) => {
    for (let call = 0; call < 30; call++) {
      const startedAtMs = performance.now();
      await client.update({ text: `${name}/${call}` });
      latenciesMs.push(performance.now() - startedAtMs);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, name) => worker(name)));
  await transport.close();
  // Their only client is gone.
  for (const server of servers) server.close();

  const turnedAway = transport.inspect().endpoints.reduce((sum, { outcomes }) => sum + outcomes.overload, 0);
  latenciesMs.sort((a, b) => a - b);
  console.log({
    pushback,
    handled: servers.map(({ handled }) => handled.length),
    turnedAway,
    p50Ms: Math.round(latenciesMs[300] ?? 0),
    p99Ms: Math.round(latenciesMs[594] ?? 0),
  });
  // Not one call failed, and each was handled exactly once, although `update` declares nothing about being repeated.
  const handled = servers.flatMap((server) => server.handled);
  assert.equal(new Set(handled).size, 600);
  assert.equal(handled.length, 600);
  assert.equal(turnedAway > 0, pushback);
}

await run(false);
await run(true);
