import { setTimeout as delay } from "node:timers/promises";
import type { Side } from "./client.ts";
import { Clients } from "./clients.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { Fleet, type FleetServer } from "./fleet.ts";
import type { DemoOptions } from "./options.ts";
import type { Tally } from "./tally.ts";

/** A moment of a side's run, and at last its result. */
export interface Moment {
  readonly side: Side;
  readonly elapsedMs: number;
  readonly servers: readonly FleetServer[];
  readonly failures: Tally["failures"];
  readonly figures: Figures;
}

/** From a death to the new list. Kubernetes takes about as long at best, and much longer when a whole machine goes. */
const DISCOVERY_DELAY_MS = 1_000;
const SHOW_EVERY_MS = 250;

/** Runs one side from its first server to its last answer; a server is killed and one is added half way. */
export async function runSide(side: Side, options: DemoOptions, show: (moment: Moment) => void): Promise<Moment> {
  const fleet = await Fleet.start(options.servers, options.slow);
  const callsPerSecond = options.rate / options.clients;
  const clients = await Clients.start(options.clients, { side, endpointsFile: fleet.endpointsFile, callsPerSecond });
  clients.tell("start");
  const startedAtMs = performance.now();
  const now = () => momentOf(side, performance.now() - startedAtMs, fleet.servers, clients.tally);
  const shower = setInterval(() => show(now()), SHOW_EVERY_MS);
  await delay(options.seconds * 500);
  await fleet.replaceLast();
  await delay(DISCOVERY_DELAY_MS);
  fleet.publish();
  await delay(Math.max(0, startedAtMs + options.seconds * 1000 - performance.now()));

  await clients.finish();
  clearInterval(shower);
  await fleet.stop();
  return now();
}

function momentOf(side: Side, elapsedMs: number, servers: readonly FleetServer[], tally: Tally): Moment {
  const throughout = servers.filter(({ startedLate, wasKilled }) => !startedLate && !wasKilled).map(({ name }) => name);
  return { side, elapsedMs, servers, failures: tally.failures, figures: figuresOf(tally, throughout) };
}
