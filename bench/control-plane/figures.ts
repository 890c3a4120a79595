import { type ChangesFigures, type ChangesOrder, measureChanges } from "./measure-changes.ts";
import { measureRestart, type RestartFigures, type RestartOrder } from "./measure-restart.ts";
import { measureSlowReaders, type SlowReadersFigures, type SlowReadersOrder } from "./measure-slow-readers.ts";
import { measureStreams, type StreamsFigures, type StreamsOrder } from "./measure-streams.ts";

export interface ControlPlaneFigures {
  readonly changes: readonly ChangesFigures[];
  readonly streams: StreamsFigures;
  readonly restarts: readonly RestartFigures[];
  readonly slowReaders: SlowReadersFigures;
}

/** What is measured. */
interface Plan {
  readonly changes: readonly ChangesOrder[];
  readonly streams: StreamsOrder;
  readonly restarts: readonly RestartOrder[];
  readonly slowReaders: SlowReadersOrder;
}

const full: Plan = {
  changes: [
    { endpoints: 1_000, clients: 10, changes: 200 },
    { endpoints: 1_000, clients: 100, changes: 200 },
    { endpoints: 10_000, clients: 10, changes: 60 },
    { endpoints: 10_000, clients: 100, changes: 20 },
  ],
  streams: { streams: 2_000, services: 200, servicesEach: 20, endpointsEach: 100, changes: 200 },
  restarts: [
    { clients: 500, downMs: 0 },
    { clients: 500, downMs: 5_000 },
  ],
  slowReaders: { readers: 100, endpoints: 1_000, changes: 1_000 },
};

/** Within a minute. */
const quick: Plan = {
  changes: [
    { endpoints: 1_000, clients: 20, changes: 30 },
    { endpoints: 10_000, clients: 20, changes: 10 },
  ],
  streams: { streams: 400, services: 100, servicesEach: 20, endpointsEach: 100, changes: 30 },
  restarts: [{ clients: 300, downMs: 0 }],
  slowReaders: { readers: 20, endpoints: 1_000, changes: 500 },
};

export async function measure(isQuick: boolean, progress: (text: string) => void): Promise<ControlPlaneFigures> {
  const plan = isQuick ? quick : full;
  const changes: ChangesFigures[] = [];
  for (const order of plan.changes) {
    progress(`changes: ${order.endpoints} endpoints, ${order.clients} clients`);
    changes.push(await measureChanges(order));
  }
  progress(`${plan.streams.streams} streams`);
  const streams = await measureStreams(plan.streams);
  const restarts: RestartFigures[] = [];
  for (const order of plan.restarts) {
    progress(`restart: ${order.clients} clients`);
    restarts.push(await measureRestart(order));
  }
  progress("slow readers");
  return { changes, streams, restarts, slowReaders: await measureSlowReaders(plan.slowReaders) };
}
