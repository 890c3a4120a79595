import { setTimeout as delay } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import type { Endpoint } from "meshless";
import { scriptedSource, seededRandom } from "meshless/testing";
import { openLoop } from "../../demo/open-loop.ts";
import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import { type ContenderName, contenders } from "./contenders.ts";
import { type ProcessLoad, ProcessMeter } from "./process-meter.ts";

export interface ClientOrder {
  readonly contender: ContenderName;
  /** Which of the clients this is, from 0. */
  readonly client: number;
  readonly endpoints: readonly Endpoint[];
  readonly calls: number;
  /** A Poisson process of this rate, or one call after the other. */
  readonly arrivals: { readonly callsPerSecond: number } | { readonly pauseMs: number };
  readonly seed: number;
}

/** What a client is told: to make its calls, and who is there from now on. */
export type ClientCommand = { readonly is: "begin" } | { readonly is: "endpoints"; readonly endpoints: readonly Endpoint[] };

/** What a client says: first that it could begin, and last what became of its calls. */
export type ClientReport = { readonly is: "ready" } | ({ readonly is: "finished" } & CallRecords);

/** What became of calls. */
export interface CallRecords {
  /** Of the answered ones: when each was due, from the beginning, and how long after that it was answered. */
  readonly answered: readonly (readonly [dueAtMs: number, latencyMs: number])[];
  /** How many failed, by the name of the error's code; `unanswered`: not over when waiting for it ended. */
  readonly failures: Readonly<Record<string, number>>;
  readonly load: ProcessLoad;
}

/** How long the last calls are waited for. */
const PATIENCE_MS = 15_000;

const order = readOrder<ClientOrder>();
const source = scriptedSource(order.endpoints);
const call = contenders[order.contender].create({ ports: order.endpoints.map(({ port }) => port), source, client: order.client });

async function makeCalls(): Promise<CallRecords> {
  const meter = new ProcessMeter();
  const beganAtMs = performance.now();
  const answered: [number, number][] = [];
  const failures: Record<string, number> = {};
  const fail = (name: string, times = 1) => {
    failures[name] = (failures[name] ?? 0) + times;
  };
  let ended = 0;

  await makeAll(async (dueAtMs) => {
    try {
      await call();
      answered.push([dueAtMs - beganAtMs, performance.now() - dueAtMs]);
    } catch (error) {
      fail(codeOf(error));
    }
    ended += 1;
  });
  if (ended < order.calls) fail("unanswered", order.calls - ended);
  return { answered, failures, load: meter.read() };
}

type MakeCall = (dueAtMs: number) => Promise<void>;

function makeAll(make: MakeCall): Promise<void> {
  const { arrivals } = order;
  return "pauseMs" in arrivals ? oneAfterTheOther(make, arrivals.pauseMs) : independently(make, arrivals.callsPerSecond);
}

async function oneAfterTheOther(make: MakeCall, pauseMs: number): Promise<void> {
  for (let made = 0; made < order.calls; made++) {
    await Promise.race([make(performance.now()), delay(PATIENCE_MS, undefined, { ref: false })]);
    await delay(pauseMs);
  }
}

async function independently(make: MakeCall, callsPerSecond: number): Promise<void> {
  const lastBegan = Promise.withResolvers<void>();
  let made = 0;
  const stop = openLoop({
    callsPerSecond,
    maxInFlight: Number.POSITIVE_INFINITY,
    random: seededRandom(order.seed),
    async call(dueAtMs) {
      // What comes due between the last call and the stop is not made.
      if (made === order.calls) return;
      made += 1;
      const done = make(dueAtMs);
      if (made === order.calls) lastBegan.resolve();
      await done;
    },
    shed: () => {},
  });
  await lastBegan.promise;
  await Promise.race([stop(), delay(PATIENCE_MS, undefined, { ref: false })]);
}

/** Connect and grpc-js number their codes alike. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: number | string };
  return typeof code === "number" ? (Code[code] ?? "Unknown") : String(code ?? error);
}

onParentMessage<ClientCommand>(async (command) => {
  if (command.is === "endpoints") source.update(command.endpoints);
  else tellParent<ClientReport>({ is: "finished", ...(await makeCalls()) });
});
tellParent<ClientReport>({ is: "ready" });
