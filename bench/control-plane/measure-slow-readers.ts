import { setTimeout as delay } from "node:timers/promises";
import { Plane } from "./plane.ts";
import { RawClient } from "./raw-client.ts";

export interface SlowReadersOrder {
  readonly readers: number;
  readonly endpoints: number;
  readonly changes: number;
}

/** Clients that stop to read while a service changes again and again. */
export interface SlowReadersFigures extends SlowReadersOrder {
  readonly updateBytes: number;
  /** What each of them makes the control plane hold in the end. */
  readonly heapBytesEach: number;
  /** That each got when it read on, the last with the last state. */
  readonly responsesEach: number;
}

const batch = 10;

export async function measureSlowReaders({ readers, endpoints, changes }: SlowReadersOrder): Promise<SlowReadersFigures> {
  const plane = await Plane.start({ services: 1, endpointsEach: endpoints });
  const clients = await Promise.all(Array.from({ length: readers }, (_, index) => pausedClient(plane.port, index)));
  await delay(500);
  const before = await plane.measure(true);
  for (let done = 0; done < changes; done += batch) await plane.change(0, batch);
  await delay(500);
  const after = await plane.measure(true);
  const had = clients.map(({ responses }) => responses);
  for (const client of clients) client.resume();
  await delay(2_000);
  const got = clients.map(({ responses }, index) => responses - (had[index] as number));
  const { bytesSent } = await plane.measure();
  for (const client of clients) client.close();
  await plane.kill();
  return {
    readers,
    endpoints,
    changes,
    updateBytes: bytesSent / (readers + got.reduce((sum, count) => sum + count, 0)),
    heapBytesEach: (after.heapBytes - before.heapBytes) / readers,
    responsesEach: got.reduce((sum, count) => sum + count, 0) / readers,
  };
}

/** One that has all that there is, and reads no more. */
async function pausedClient(port: number, index: number): Promise<RawClient> {
  const client = new RawClient(port);
  const { promise, resolve } = Promise.withResolvers<void>();
  client.subscribe(`slow-${index}`, ["s0.bench:80"], resolve);
  await promise;
  client.pause();
  return client;
}
