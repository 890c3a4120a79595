import { setTimeout as delay } from "node:timers/promises";
import { Clients } from "./clients.ts";
import { Discovery, type Outage } from "./discovery.ts";
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
  /** Of the control plane, once it has begun. */
  readonly outage: Outage | undefined;
  readonly figures: Figures;
}

/** When the deploy begins, how long each of its steps takes, and when the control plane is killed, of the time that a side is measured. */
const DEPLOY_FROM = 0.3;
const DEPLOY_STEP = 0.14;
const KILL_AT = 0.5;
const SHOW_EVERY_MS = 250;

interface Shown {
  /** Again and again. */
  readonly moment: (moment: Moment) => void;
  /** Where the balanced side can be looked at. */
  readonly page: (url: string) => void;
}

/** Runs one side from its first server to its last answer. */
export async function runSide(side: Side, options: DemoOptions, shown: Shown): Promise<Moment> {
  const discovery = await Discovery.start();
  const fleet = await Fleet.start(options.servers, options.slow, discovery);
  const callsPerSecond = options.rate / options.clients;
  const clients = await Clients.start(options.clients, { side, discovery: discovery.address, callsPerSecond });
  if (clients.page !== undefined) shown.page(clients.page);
  clients.tell("start");
  const startedAtMs = performance.now();
  const first = fleet.servers.map(({ name }) => name);
  let beforeDeploy: readonly number[] | undefined;
  const now = (): Moment => {
    const { tally } = clients;
    const figures = figuresOf(tally, beforeDeploy ?? answersBy(tally, first));
    return {
      side,
      elapsedMs: performance.now() - startedAtMs,
      servers: fleet.servers,
      failures: tally.failures,
      outage: discovery.outage,
      figures,
    };
  };
  const shower = setInterval(() => shown.moment(now()), SHOW_EVERY_MS);
  const until = (share: number) => delay(Math.max(0, startedAtMs + options.seconds * 1000 * share - performance.now()));
  await until(DEPLOY_FROM);
  beforeDeploy = answersBy(clients.tally, first);
  const outage = until(KILL_AT).then(() => discovery.breakDown(startedAtMs));
  await Promise.all([fleet.deploy(options.seconds * 1000 * DEPLOY_STEP), outage]);
  await until(1);
  while (options.openPage) {
    await fleet.deploy(options.seconds * 1000 * DEPLOY_STEP);
    await delay(options.seconds * 1000 * DEPLOY_FROM);
  }

  await clients.finish();
  clearInterval(shower);
  await Promise.all([fleet.stop(), discovery.stop()]);
  return now();
}
