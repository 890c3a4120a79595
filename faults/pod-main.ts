import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { boundedHttp2Options, createHealthReporter, protect } from "meshless/server-hooks";
import { onParentMessage, readOrder, tellParent } from "../demo/parent.ts";
import { WorkSlots } from "../demo/work-slots.ts";
import { EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";

/** A server as users write it, and the faults that it can have. */
export interface PodOrder {
  readonly name: string;
  readonly host?: string;
  /** 0: any. */
  readonly port: number;
  /** `plain`: connect-node's adapter alone, and `close()` at SIGTERM. `silent`: it reports nothing. Default: all hooks. */
  readonly hooks?: "all" | "silent" | "plain";
  /** Calls that it works on at once, and for how long. Default: no work. */
  readonly work?: { readonly slots: number; readonly ms: number };
  readonly limit?: boolean;
  /** Its first calls take so much CPU each. */
  readonly cold?: { readonly calls: number; readonly ms: number };
  readonly warmUp?: boolean;
  readonly drainDelayMs?: number;
}

/** How it behaves from now on. */
export interface PodFault {
  readonly delayMs?: number;
  /** Of its calls, so many fail at once with this code. */
  readonly failing?: { readonly share: number; readonly code: "Internal" | "Unavailable" };
  /** The event loop stands still for so long, so often. */
  readonly blocked?: { readonly ms: number; readonly everyMs: number };
  /** Each connection gets GOAWAY after so many calls; `abrupt` closes it, with calls under way. */
  readonly goaway?: { readonly afterCalls: number; readonly abrupt: boolean };
}

export type PodCommand = { readonly fault: PodFault } | "count";

export interface Listening {
  readonly port: number;
}

export interface Handled {
  readonly handled: number;
}

const order = readOrder<PodOrder>();
const { name, host = "127.0.0.1", port, hooks = "all", work, limit = false, cold, warmUp = false, drainDelayMs = 300 } = order;
const slots = work && new WorkSlots(work.slots);
let fault: PodFault = {};
let handled = 0;
let coldCalls = cold?.calls ?? 0;
let blocking: NodeJS.Timeout | undefined;

function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

async function answer({ text }: { text: string }) {
  handled++;
  const { failing, delayMs = 0 } = fault;
  if (failing && Math.random() < failing.share) throw new ConnectError("as told", Code[failing.code]);
  if (coldCalls-- > 0) block(cold?.ms ?? 0);
  if (delayMs > 0) await delay(delayMs);
  await slots?.run(() => delay(work?.ms));
  return { text, server: { name } };
}

const health = createHealthReporter({
  limit,
  ...(warmUp && { warmUp: { calls: [(transport) => createClient(EchoService, transport).echo({ text: "warm" })], concurrency: 4 } }),
});
const routes: Parameters<typeof connectNodeAdapter>[0]["routes"] = (router) =>
  router.service(EchoService, {
    echo: answer,
    update: answer,
    async *count({ count }) {
      for (let number = 1; number <= count; number++) {
        await delay(20);
        yield { number, server: { name } };
      }
    },
  });
const handler = hooks === "all" ? health.handler({ routes }) : connectNodeAdapter({ routes });
const server = hooks === "all" ? protect(createServer(boundedHttp2Options(), handler)) : createServer(handler);
// connect-node logs every handler whose client went away; here that is what it is about.
console.error = () => {};

if (hooks === "all") health.drainOnSignal(server, { drainDelayMs }).done.then(() => process.disconnect?.());
else process.once("SIGTERM", () => server.close(() => process.exit()));

server.on("session", (session: ServerHttp2Session) => {
  let calls = 0;
  session.on("error", () => {});
  session.on("stream", (stream) => {
    stream.on("error", () => {});
    calls++;
    const { goaway } = fault;
    if (goaway === undefined || calls !== goaway.afterCalls) return;
    if (goaway.abrupt) session.goaway(0, (stream.id ?? 1) - 2);
    session.close();
  });
});

onParentMessage<PodCommand>((command) => {
  if (command === "count") return tellParent<Handled>({ handled });
  fault = command.fault;
  clearInterval(blocking);
  const { blocked } = fault;
  if (blocked) blocking = setInterval(() => block(blocked.ms), blocked.everyMs);
});

await health.warmedUp;
server.listen(port, host, () => tellParent<Listening>({ port: (server.address() as AddressInfo).port }));
