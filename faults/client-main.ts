import type { BalancedTransportOptions, Endpoint } from "meshless";
import { seededRandom } from "meshless/testing";
import { openLoop } from "../demo/open-loop.ts";
import { onParentMessage, readOrder, tellParent } from "../demo/parent.ts";
import { type ContenderName, codeOf, contenders, type Method } from "./contenders.ts";

export interface ClientOrder {
  readonly contender: ContenderName;
  readonly endpoints: readonly Endpoint[];
  readonly options: BalancedTransportOptions;
  readonly callsPerSecond: number;
  readonly method: Method;
  readonly timeoutMs: number;
  readonly seed: number;
}

export type ClientCommand = "begin" | "end" | { readonly endpoints: readonly Endpoint[] } | { readonly blockMs: number };

/** A call: when it was due, from the beginning, how long after that it was over, and who answered, or `!` and the code that it failed with. */
export type CallRecord = readonly [dueAtMs: number, tookMs: number, by: string];

export interface ClientReport {
  readonly records: readonly CallRecord[];
  readonly cpuMs: number;
  /** How late calls were begun, because the client had no CPU when they were due: the 99th percentile. */
  readonly lateMs: number;
}

const order = readOrder<ClientOrder>();
const contender = contenders[order.contender](order.endpoints, order.options);
const records: CallRecord[] = [];
const lateness: number[] = [];
let stop: () => Promise<void> = async () => {};

function begin(): void {
  const beganAtMs = performance.now();
  const cpuAtFirst = process.cpuUsage();
  const end = openLoop({
    callsPerSecond: order.callsPerSecond,
    maxInFlight: Number.POSITIVE_INFINITY,
    random: seededRandom(order.seed),
    async call(dueAtMs) {
      lateness.push(performance.now() - dueAtMs);
      const by = await contender.call(order.method, order.timeoutMs).catch((error) => `!${codeOf(error)}`);
      records.push([dueAtMs - beganAtMs, performance.now() - dueAtMs, by]);
    },
    shed: () => {},
  });
  stop = async () => {
    await end();
    const { user, system } = process.cpuUsage(cpuAtFirst);
    const lateMs = lateness.sort((a, b) => a - b)[Math.floor(lateness.length * 0.99)] ?? 0;
    tellParent<ClientReport>({ records, cpuMs: (user + system) / 1_000, lateMs });
  };
}

function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

onParentMessage<ClientCommand>(async (command) => {
  if (command === "begin") begin();
  else if (command === "end") await stop();
  else if ("blockMs" in command) block(command.blockMs);
  else contender.update(command.endpoints);
});
// All connections stand before the first call counts.
await Promise.allSettled(Array.from({ length: 2 * order.endpoints.length }, () => contender.call("echo", 5_000)));
tellParent<"ready">("ready");
