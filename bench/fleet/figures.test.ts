import { describe, expect, it } from "vitest";
import type { CallRecords } from "./client.ts";
import { type Findings, figuresOf } from "./figures.ts";
import { testCell } from "./test-cell.ts";
import { testFigures } from "./test-figures.ts";

const idle = { cpuMs: 100, eventLoopDelayP99Ms: 1 };

function findings(fields: Partial<Findings>): Findings {
  return {
    cell: testCell(),
    clients: [],
    servers: [],
    alike: [0, 1],
    weights: [1, 1],
    machine: testFigures().load.machine,
    runnerCpuMs: 100,
    ...fields,
  };
}

function client(answered: CallRecords["answered"], failures: CallRecords["failures"] = {}): CallRecords {
  return { answered, failures, load: idle };
}

function server(served: number) {
  return { served, load: idle };
}

describe("figures", () => {
  it("count each call of each client once, answered or failed", () => {
    const clients = [client([[0, 5]], { Canceled: 1 }), client([[0, 7]], { Canceled: 2, NotFound: 1 })];
    expect(figuresOf(findings({ clients }))).toMatchObject({ calls: 6, failed: 4, failures: { Canceled: 3, NotFound: 1 }, p99Ms: 7 });
  });

  it("compare the shares of servers that are alike, and show the calls of all", () => {
    expect(figuresOf(findings({ servers: [server(30), server(10), server(500)] }))).toMatchObject({
      served: [30, 10, 500],
      maxOverMean: 1.5,
      minOverMean: 0.5,
    });
  });

  it("compare the time after a replacement with the calm before, its beginning left out", () => {
    const cell = testCell({ trial: { kind: "replaced", calmFromMs: 10, atMs: 20 } });
    const clients = [
      client([
        [9, 1_000],
        [10, 50],
        [19, 40],
        [20, 150],
        [99, 30],
      ]),
    ];
    expect(figuresOf(findings({ cell, clients })).replacement).toEqual({ calmP99Ms: 50, afterP99Ms: 150, ratio: 3 });
  });

  it("add up the CPU that all processes took, as a share of all cores", () => {
    const { load } = figuresOf(findings({ clients: [client([])], servers: [server(1), server(1)] }));
    expect(load.ownShare).toBeCloseTo(400 / 20_000, 6);
  });
});
