import { setTimeout as delay } from "node:timers/promises";
import { quantileOf } from "../statistics.ts";
import { Clients } from "./clients.ts";
import { Plane } from "./plane.ts";

export interface ChangesOrder {
  readonly endpoints: number;
  readonly clients: number;
  readonly changes: number;
}

/** From a change of one endpoint of a service in the registry, until the picker of each client knows it. */
export interface ChangesFigures extends ChangesOrder {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Until all clients knew, in the quickest of the rounds: what the machine does when others leave it alone. */
  readonly quickestMs: number;
  readonly planeCpuMsPerChange: number;
  readonly clientCpuMsPerUpdate: number;
  readonly bytesPerUpdate: number;
}

const processes = 8;
/** Until the code of clients is compiled, as it is where they have been up for a while. */
const warmUps = 40;
/** Between two changes, in which acceptances arrive and garbage is collected. */
const pauseMs = 30;

export async function measureChanges({ endpoints, clients: count, changes }: ChangesOrder): Promise<ChangesFigures> {
  const plane = await Plane.start({ services: 1, endpointsEach: endpoints });
  const clients = new Clients({ port: plane.port, kind: "picker", count, services: 1, servicesEach: 1 }, processes);
  await clients.heard();
  for (let warmUp = 0; warmUp < warmUps; warmUp++) await change(plane, clients);
  const cpuMsBefore = clients.cpuMs;
  const before = await plane.measure();
  const rounds: (readonly number[])[] = [];
  for (let round = 0; round < changes; round++) rounds.push(await change(plane, clients));
  const after = await plane.measure();
  await Promise.all([plane.kill(), clients.kill()]);
  const tookMs = rounds.flat();
  return {
    endpoints,
    clients: count,
    changes,
    p50Ms: quantileOf(tookMs, 0.5),
    p99Ms: quantileOf(tookMs, 0.99),
    maxMs: quantileOf(tookMs, 1),
    quickestMs: Math.min(...rounds.map((round) => Math.max(...round))),
    planeCpuMsPerChange: (after.cpuMs - before.cpuMs) / changes,
    clientCpuMsPerUpdate: (clients.cpuMs - cpuMsBefore) / (changes * count),
    bytesPerUpdate: (after.bytesSent - before.bytesSent) / (changes * count),
  };
}

/** @returns how long it took until each client knew of it */
async function change(plane: Plane, clients: Clients): Promise<readonly number[]> {
  await delay(pauseMs);
  clients.expect();
  const beganAtMs = await plane.change(0);
  return (await clients.heard()).map((atMs) => atMs - beganAtMs);
}
