import { describe, expect, it } from "vitest";
import type { ControlPlaneFigures } from "./figures.ts";
import { brokenPromises } from "./judge.ts";

const change = { endpoints: 1_000, clients: 100, changes: 10, p50Ms: 40, p99Ms: 90, maxMs: 95, quickestMs: 50 };
const good: ControlPlaneFigures = {
  changes: [{ ...change, planeCpuMsPerChange: 20, clientCpuMsPerUpdate: 1, bytesPerUpdate: 35_000 }],
  streams: {
    streams: 2_000,
    services: 200,
    servicesEach: 20,
    endpointsEach: 100,
    changes: 10,
    allInMs: 3_000,
    firstResponseBytes: 70_000,
    cpuMsToOpenOne: 1,
    heapBytesEach: 50_000,
    rssBytesEach: 80_000,
    p50Ms: 10,
    p99Ms: 20,
    cpuUsPerUpdate: 100,
    bytesPerUpdate: 3_500,
    heapBytesPerEndpoint: 400,
  },
  restarts: [{ clients: 500, downMs: 0, attempts: 900, peakShare: 0.06, backAfterMs: 2_000 }],
  slowReaders: { readers: 100, endpoints: 1_000, changes: 1_000, updateBytes: 35_000, heapBytesEach: 40_000, responsesEach: 2 },
};

describe("the judge of the control plane's benchmark", () => {
  it("finds nothing broken in good figures", () => {
    expect(brokenPromises(good)).toEqual([]);
  });

  it.each<[string, Partial<ControlPlaneFigures>]>([
    ["a change is known", { changes: [{ ...good.changes[0], ...change, p99Ms: 3_000 } as ControlPlaneFigures["changes"][number]] }],
    ["everything is measured", { streams: { ...good.streams, bytesPerUpdate: Number.NaN } }],
    ["a stream holds", { streams: { ...good.streams, heapBytesEach: 1e6 } }],
    ["at most 0.1 of the attempts", { restarts: [{ clients: 500, downMs: 0, attempts: 500, peakShare: 1, backAfterMs: 100 }] }],
    ["one who does not read", { slowReaders: { ...good.slowReaders, heapBytesEach: 35_000_000 } }],
    ["one who does not read", { slowReaders: { ...good.slowReaders, responsesEach: 1_000 } }],
  ])("says what is broken: %s", (promise, figures) => {
    const broken = brokenPromises({ ...good, ...figures });
    expect(broken).toHaveLength(1);
    expect(broken[0]).toContain(promise);
  });
});
