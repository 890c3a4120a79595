import { describe, expect, it } from "vitest";
import { type Load, starvation } from "./starvation.ts";
import { testCell } from "./test-cell.ts";
import { testFigures } from "./test-figures.ts";

const { load } = testFigures();

function reasons(fields: Partial<Load>, work = testCell().work): readonly string[] {
  return starvation(testCell({ work }), { ...load, ...fields });
}

describe("a run", () => {
  it("is not starved on an idle machine", () => {
    expect(reasons({})).toEqual([]);
  });

  it("is starved on a machine that is busy, whoever keeps it so", () => {
    expect(reasons({ machine: { ...load.machine, busyShare: 0.95 } })).toEqual(["the machine was 95 % busy"]);
  });

  it("is starved when a process wakes up late", () => {
    expect(reasons({ clientDelayP99Ms: 22 })).toEqual(["a client's timers were 22 ms late"]);
    expect(reasons({ serverDelayP99Ms: 22 })).toEqual(["a server's timers were 22 ms late"]);
  });

  it("is not starved because its servers work on the CPU, as they are told to", () => {
    expect(reasons({ serverDelayP99Ms: 22 }, { kind: "cpu", ms: 1 })).toEqual([]);
  });
});
