import { setTimeout as delay } from "node:timers/promises";
import { Child } from "../../demo/child.ts";
import { machineNowMs } from "./machine-time.ts";
import { Plane } from "./plane.ts";
import type { Attempts, TransportsOrder } from "./transports-process.ts";

export interface RestartOrder {
  readonly clients: number;
  /** How long nobody listens, beside the time that a process takes to start. */
  readonly downMs: number;
}

/** Clients whose control plane is killed, and comes back at the same address. */
export interface RestartFigures extends RestartOrder {
  readonly attempts: number;
  /** The most of them within 100 ms, as a part of all. */
  readonly peakShare: number;
  /** From when it listened again until all clients had their stream. */
  readonly backAfterMs: number;
}

const processes = 4;
const bucketMs = 100;
const order = { services: 1, endpointsEach: 1 };

export async function measureRestart({ clients, downMs }: RestartOrder): Promise<RestartFigures> {
  const plane = await Plane.start(order);
  const children = startTransports(plane.port, clients);
  await untilConnected(plane, clients);
  await takeAttempts(children);
  await plane.kill();
  await delay(downMs);
  const heir = await Plane.start(order, plane.port);
  const beganAtMs = machineNowMs();
  await untilConnected(heir, clients);
  const backAfterMs = machineNowMs() - beganAtMs;
  const atMs = await takeAttempts(children);
  await Promise.all([heir.kill(), ...children.map((child) => child.kill())]);
  return { clients, downMs, attempts: atMs.length, peakShare: peakOf(atMs) / atMs.length, backAfterMs };
}

function startTransports(port: number, clients: number): readonly Child[] {
  const count = Math.ceil(clients / processes);
  return Array.from({ length: processes }, (_, index) => {
    const part: TransportsOrder = { port, firstId: index * count, count: Math.min(count, clients - index * count) };
    return new Child(`transports-${index}`, new URL("./transports-process.ts", import.meta.url), part);
  });
}

async function untilConnected(plane: Plane, clients: number): Promise<void> {
  while ((await plane.measure()).connections < clients) await delay(bucketMs);
}

async function takeAttempts(children: readonly Child[]): Promise<readonly number[]> {
  const reports = children.map((child) => {
    const report = child.nextMessage<Attempts>();
    child.send("attempts");
    return report;
  });
  return (await Promise.all(reports)).flatMap(({ atMs }) => atMs);
}

function peakOf(atMs: readonly number[]): number {
  const buckets = Map.groupBy(atMs, (ms) => Math.floor(ms / bucketMs));
  return Math.max(...buckets.values().map(({ length }) => length));
}
