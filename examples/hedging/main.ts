// One server of four takes a second for every tenth call. A retry can't help where nothing fails; a second attempt while the first one waits can.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectRouter, createClient } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { createBalancedTransport, roundRobin } from "meshless";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";

/** Answers within 5 ms, but for every so many calls, which take a second. */
async function startServer(slowEach: number) {
  let calls = 0;
  const update = async ({ text }: { text: string }) => {
    await sleep(++calls % slowEach === 0 ? 1_000 : 5);
    return { text };
  };
  const server = createServer(connectNodeAdapter({ routes: (router: ConnectRouter) => router.service(EchoService, { update }) }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { calls: () => calls, address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

async function run(hedging: boolean): Promise<number> {
  const servers = await Promise.all([10, 1e9, 1e9, 1e9].map(startServer));
  await using transport = createBalancedTransport(`static:///${servers.map(({ address }) => address).join(",")}`, {
    policy: roundRobin(),
    methods: hedging ? [[EchoService.method.update, { hedging: true }]] : [],
  });
  const client = createClient(EchoService, transport);
  const latenciesMs: number[] = [];
  const worker = async () => {
    for (let call = 0; call < 100; call++) {
      const startedAtMs = performance.now();
      await client.update({ text: "hello" });
      latenciesMs.push(performance.now() - startedAtMs);
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  // Of those at the start it was not known yet how long calls take.
  latenciesMs.splice(0, 100);
  for (const server of servers) server.close();
  latenciesMs.sort((a, b) => a - b);
  const attempts = servers.reduce((sum, { calls }) => sum + calls(), 0);
  const p99Ms = latenciesMs[890] ?? 0;
  console.log({ hedging, calls: 1_000, attempts, p50Ms: Math.round(latenciesMs[450] ?? 0), p99Ms: Math.round(p99Ms) });
  // Its budget bounds what hedging adds: a tenth of the calls, and one a second for ten seconds.
  assert.ok(attempts <= 1_110);
  return p99Ms;
}

const without = await run(false);
const withIt = await run(true);
assert.ok(without > 900 && withIt < 900, `p99 of ${without} ms without hedging, and ${withIt} ms with it`);
