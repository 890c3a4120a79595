import { setTimeout as delay } from "node:timers/promises";
import { Clients } from "./clients.ts";
import { answersBy, type Figures, figuresOf } from "./figures.ts";
import { Fleet, type FleetServer } from "./fleet.ts";
import type { DemoOptions } from "./options.ts";
import type { Side } from "./sides.ts";
import type { Tally } from "./tally.ts";

/** A moment of a side's run, and at last its result. */
export interface Moment {
  readonly side: Side;
  readonly elapsedMs: number;
  readonly servers: readonly FleetServer[];
  readonly failures: Tally["failures"];
  readonly figures: Figures;
}

/** When the deploy begins, and how long each of its steps takes, of the time that a side is measured. */
const DEPLOY_FROM = 0.3;
const DEPLOY_STEP = 0.14;
const SHOW_EVERY_MS = 250;

/** Runs one side from its first server to its last answer. */
export async function runSide(side: Side, options: DemoOptions, show: (moment: Moment) => void): Promise<Moment> {
  const fleet = await Fleet.start(options.servers, options.slow);
  const callsPerSecond = options.rate / options.clients;
  const clients = await Clients.start(options.clients, { side, endpointsFile: fleet.endpointsFile, callsPerSecond });
  clients.tell("start");
  const startedAtMs = performance.now();
  const first = fleet.servers.map(({ name }) => name);
  let beforeDeploy: readonly number[] | undefined;
  const now = (): Moment => {
    const { tally } = clients;
    const figures = figuresOf(tally, beforeDeploy ?? answersBy(tally, first));
    return { side, elapsedMs: performance.now() - startedAtMs, servers: fleet.servers, failures: tally.failures, figures };
  };
  const shower = setInterval(() => show(now()), SHOW_EVERY_MS);
  await delay(options.seconds * 1000 * DEPLOY_FROM);
  beforeDeploy = answersBy(clients.tally, first);
  await fleet.deploy(options.seconds * 1000 * DEPLOY_STEP);
  await delay(Math.max(0, startedAtMs + options.seconds * 1000 - performance.now()));

  await clients.finish();
  clearInterval(shower);
  await fleet.stop();
  return now();
}
