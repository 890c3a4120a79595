import { pathToFileURL } from "node:url";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createBalancedTransport } from "meshless";
import { EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";
import { connectionToAny } from "./kube-proxy.ts";
import { recordLatency } from "./latencies.ts";
import { openLoop } from "./open-loop.ts";
import { onParentMessage, readOrder, tellParent } from "./parent.ts";
import type { Tally } from "./tally.ts";

/** How a client reaches the servers: over one connection to whichever it got, or over a connection to each. */
export type Side = "pinned" | "balanced";

export interface ClientOrder {
  readonly side: Side;
  readonly endpointsFile: string;
  readonly callsPerSecond: number;
}

/** What a client is told: to make calls, and to make no more. */
export type ClientCommand = "start" | "finish";

/** What a client says: once that it could begin, often how it goes, and last that all its calls have ended. */
export type ClientReport = { readonly is: "ready" } | { readonly is: "running" | "finished"; readonly tally: Tally };

const TIMEOUT_MS = 10_000;
const MAX_IN_FLIGHT = 10_000;
const REPORT_EVERY_MS = 250;
const WARM_UP_MS = 4_000;
const WARM_UP_CONCURRENCY = 4;

const order = readOrder<ClientOrder>();
const client = createClient(EchoService, connect(order));
const tally: Tally = { failures: {}, servers: {} };

function connect({ side, endpointsFile }: ClientOrder): Transport {
  if (side === "balanced") return createBalancedTransport(pathToFileURL(endpointsFile).href);
  const nodeOptions = { createConnection: connectionToAny(endpointsFile, Math.random) };
  return createConnectTransport({ baseUrl: "http://echo.demo", httpVersion: "2", nodeOptions });
}

/** Not counted: connects, and lets both ends compile themselves. As fast as the answers come, so that nothing piles up. */
async function warmUp(): Promise<void> {
  const endMs = performance.now() + WARM_UP_MS;
  async function oneAfterTheOther(): Promise<void> {
    while (performance.now() < endMs) await client.echo({ text: "hello" });
  }
  await Promise.all(Array.from({ length: WARM_UP_CONCURRENCY }, oneAfterTheOther));
}

async function call(dueAtMs: number): Promise<void> {
  try {
    const { server } = await client.echo({ text: "hello" }, { timeoutMs: TIMEOUT_MS });
    const name = server?.name ?? "unknown";
    const latencies = tally.servers[name] ?? [];
    recordLatency(latencies, performance.now() - dueAtMs);
    tally.servers[name] = latencies;
  } catch (error) {
    fail(ConnectError.from(error).code);
  }
}

function fail(code: Code): void {
  const name = Code[code];
  tally.failures[name] = (tally.failures[name] ?? 0) + 1;
}

function start(): () => Promise<void> {
  setInterval(() => tellParent<ClientReport>({ is: "running", tally }), REPORT_EVERY_MS);
  return openLoop({
    callsPerSecond: order.callsPerSecond,
    maxInFlight: MAX_IN_FLIGHT,
    random: Math.random,
    call,
    shed: () => fail(Code.ResourceExhausted),
  });
}

let stop: (() => Promise<void>) | undefined;
onParentMessage<ClientCommand>(async (command) => {
  if (command === "start") stop = start();
  if (command === "finish") {
    await stop?.();
    tellParent<ClientReport>({ is: "finished", tally });
  }
});

await warmUp();
tellParent<ClientReport>({ is: "ready" });
