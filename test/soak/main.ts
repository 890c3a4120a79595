import { setMaxListeners } from "node:events";
import { setInterval as every } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openLoop } from "../../demo/open-loop.ts";
import { createBalancedTransport, createClient } from "../../src/index.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { Fleet } from "./fleet.ts";
import { growth, takeVitals, type Vitals } from "./vitals.ts";
import { countCuts, Workload } from "./workload.ts";

/**
 * Hours in minutes: servers that come and go, connections cut, streams reset and GOAWAYs at a steady rate, under load. Ends with
 * `N passed, N failed`: calls that nobody could have saved aside, none may fail, and nothing may grow.
 */
const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, seed: { type: "string", default: "7" }, rate: { type: "string", default: "200" } },
});
const SAMPLES = 60;
const FAULT_EVERY_MS = 300;
const REPLACE_EVERY_MS = 15_000;

const runMs = Number(values.minutes) * 60_000;
const over = AbortSignal.timeout(runMs);
const random = seededRandom(Number(values.seed));
const fleet = new Fleet(random);
await fleet.start(6);

const stop = new AbortController();
setMaxListeners(0, stop.signal);
const transports = (["connect", "grpc", "grpc-web"] as const).map((protocol) =>
  createBalancedTransport(fleet.source, { protocol, attemptInterceptors: [countCuts] }),
);
const workload = new Workload(
  transports.map((transport) => createClient(EchoService, transport)),
  stop.signal,
  random,
);
const samples: Vitals[] = [];
const shed = () => workload.ledger.failures.push("more than 500 calls in flight");
const endLoad = openLoop({ callsPerSecond: Number(values.rate), maxInFlight: 500, random, call: () => workload.callOnce(), shed });
await Promise.all([
  repeatedly(FAULT_EVERY_MS, () => fleet.misbehave()),
  repeatedly(REPLACE_EVERY_MS, () => fleet.replaceOne()),
  repeatedly(runMs / SAMPLES, () => sample()),
]);
await endLoad();
await Promise.all(transports.map((transport) => transport.close()));
await fleet.stop();
report();

async function repeatedly(periodMs: number, act: () => void | Promise<void>): Promise<void> {
  try {
    for await (const _ of every(periodMs, undefined, { signal: over })) await act();
  } catch (error) {
    if (!over.aborted) throw error;
  }
}

function sample(): void {
  const vitals = takeVitals(stop.signal);
  samples.push(vitals);
  const { calls, cut, failures } = workload.ledger;
  const heap = (vitals.heapBytes / 1e6).toFixed(2);
  console.log(
    `${calls} calls, ${cut} cut, ${failures.length} failed; heap ${heap} MB, ${vitals.fileDescriptors} descriptors, ` +
      `${vitals.timers} timers, ${vitals.listeners} listeners`,
  );
}

function report(): void {
  const { calls, cut, failures } = workload.ledger;
  const complaints = growth(samples);
  for (const line of [...failures.slice(0, 20), ...complaints]) console.error(line);
  console.log(`soak: ${calls} calls, ${cut} cut where nobody could help, ${failures.length} failed, ${complaints.length} leaks`);
  const failed = (failures.length > 0 ? 1 : 0) + complaints.length;
  console.log(`${2 - Math.min(2, failed)} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
