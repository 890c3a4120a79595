import { Code, ConnectError } from "@connectrpc/connect";
import type { BalancedTransport } from "meshless";
import { serveDebugPage } from "meshless/debug";
import type { DiscoveryAddress } from "./discovery.ts";
import { recordLatency } from "./latencies.ts";
import { openLoop } from "./open-loop.ts";
import { onParentMessage, readOrder, tellParent } from "./parent.ts";
import { connect, type Side } from "./sides.ts";
import type { Tally } from "./tally.ts";

export interface ClientOrder {
  readonly side: Side;
  readonly discovery: DiscoveryAddress;
  readonly callsPerSecond: number;
  /** Whether it shows what it does on a page, as far as it is one of ours. */
  readonly servesPage: boolean;
}

/** What a client is told: to make calls, and to make no more. */
export type ClientCommand = "start" | "finish";

/** What a client says: once that it could begin, often how it goes, and last that all its calls have ended. */
export type ClientReport =
  | { readonly is: "ready"; readonly page: string | undefined }
  | { readonly is: "running" | "finished"; readonly tally: Tally };

const TIMEOUT_MS = 10_000;
const MAX_IN_FLIGHT = 10_000;
const REPORT_EVERY_MS = 250;
const WARM_UP_MS = 4_000;
const WARM_UP_CONCURRENCY = 4;

const order = readOrder<ClientOrder>();
let page: string | undefined;
const echo = await connect(order.side, order.discovery, async (transport) => {
  if (order.servesPage) page = await servePage(transport);
});
const tally: Tally = { failures: {}, servers: {}, lateness: [] };

/** @returns its address: the usual one, or another where that is taken */
async function servePage(transport: BalancedTransport): Promise<string> {
  const options = { transports: [transport], name: "a client of the demo" };
  const { url } = await serveDebugPage(options).catch(() => serveDebugPage({ ...options, port: 0 }));
  return url;
}

/** Not counted: connects, and lets both ends compile themselves. As fast as the answers come, so that nothing piles up. */
async function warmUp(): Promise<void> {
  const endMs = performance.now() + WARM_UP_MS;
  async function oneAfterTheOther(): Promise<void> {
    while (performance.now() < endMs) await echo(TIMEOUT_MS);
  }
  await Promise.all(Array.from({ length: WARM_UP_CONCURRENCY }, oneAfterTheOther));
}

async function call(dueAtMs: number): Promise<void> {
  recordLatency(tally.lateness, performance.now() - dueAtMs);
  try {
    const name = await echo(TIMEOUT_MS);
    const latencies = tally.servers[name] ?? [];
    recordLatency(latencies, performance.now() - dueAtMs);
    tally.servers[name] = latencies;
  } catch (error) {
    fail(codeOf(error));
  }
}

/** Connect and grpc-js number their codes alike. */
function codeOf(error: unknown): Code {
  return error instanceof ConnectError ? error.code : ((error as { code?: Code }).code ?? Code.Unknown);
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
tellParent<ClientReport>({ is: "ready", page });
