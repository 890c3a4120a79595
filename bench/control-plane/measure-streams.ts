import { setTimeout as delay } from "node:timers/promises";
import { quantileOf } from "../statistics.ts";
import { Clients } from "./clients.ts";
import { machineNowMs } from "./machine-time.ts";
import { Plane } from "./plane.ts";
import { servicesOf } from "./services-of.ts";

export interface StreamsOrder {
  readonly streams: number;
  readonly servicesEach: number;
  readonly services: number;
  readonly endpointsEach: number;
  readonly changes: number;
}

/** Many streams that want many services, all opened at once; and what it takes to tell them of a change. */
export interface StreamsFigures extends StreamsOrder {
  /** Until the last of them had all that it wants. */
  readonly allInMs: number;
  readonly firstResponseBytes: number;
  readonly cpuMsToOpenOne: number;
  /** That a stream holds, with its connection. */
  readonly heapBytesEach: number;
  readonly rssBytesEach: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUsPerUpdate: number;
  readonly bytesPerUpdate: number;
  /** What an endpoint takes in the registry and the catalog, before anybody asks for it. */
  readonly heapBytesPerEndpoint: number;
}

const processes = 4;
const pauseMs = 20;

export async function measureStreams(order: StreamsOrder): Promise<StreamsFigures> {
  const { streams, servicesEach, services, endpointsEach, changes } = order;
  const plane = await Plane.start({ services, endpointsEach });
  const idle = await plane.measure(true);
  const beganAtMs = machineNowMs();
  const clients = new Clients({ port: plane.port, kind: "raw", count: streams, services, servicesEach }, processes);
  const allInMs = quantileOf(await clients.heard(), 1) - beganAtMs;
  await delay(1_000);
  const full = await plane.measure(true);
  const updates: number[] = [];
  for (let round = 0; round < changes; round++) updates.push(...(await change(plane, clients, round % services, order)));
  const after = await plane.measure();
  await Promise.all([plane.kill(), clients.kill()]);
  return {
    ...order,
    allInMs,
    firstResponseBytes: (full.bytesSent - idle.bytesSent) / streams,
    cpuMsToOpenOne: (full.cpuMs - idle.cpuMs) / streams,
    heapBytesEach: (full.heapBytes - idle.heapBytes) / streams,
    rssBytesEach: (full.rssBytes - idle.rssBytes) / streams,
    p50Ms: quantileOf(updates, 0.5),
    p99Ms: quantileOf(updates, 0.99),
    cpuUsPerUpdate: ((after.cpuMs - full.cpuMs) * 1_000) / updates.length,
    bytesPerUpdate: (after.bytesSent - full.bytesSent) / updates.length,
    heapBytesPerEndpoint: (idle.heapBytes - (await emptyHeapBytes())) / (services * endpointsEach),
  };
}

async function emptyHeapBytes(): Promise<number> {
  const plane = await Plane.start({ services: 0, endpointsEach: 0 });
  const { heapBytes } = await plane.measure(true);
  await plane.kill();
  return heapBytes;
}

/** @returns how long it took until each stream that wants the service had it */
async function change(plane: Plane, clients: Clients, service: number, order: StreamsOrder): Promise<readonly number[]> {
  await delay(pauseMs);
  clients.expect((client) => servicesOf(client, order.servicesEach, order.services).includes(service));
  const beganAtMs = await plane.change(service);
  return (await clients.heard()).map((atMs) => atMs - beganAtMs);
}
