import { describe, expect, it } from "vitest";
import { validateScenario } from "../../simulator/src/index.ts";
import { cells } from "./cells.ts";
import { testCell } from "./test-cell.ts";
import { toScenario } from "./to-scenario.ts";

describe("the simulated fleet", () => {
  it("makes sense to the simulator, whatever the cell", () => {
    const scenarios = cells.flatMap((cell) => toScenario(cell) ?? []);
    expect(scenarios.map((scenario) => validateScenario(scenario).name)).toHaveLength(scenarios.length);
  });

  it("has the load of the real one", () => {
    expect(toScenario(testCell({ clients: 4 }))).toMatchObject({
      durationMs: 40_000,
      clients: [{ count: 4, rate: 100, work: { kind: "constant", value: 2 } }],
    });
  });

  it("has a server for each weight", () => {
    const scenario = toScenario(testCell({ servers: 3, trial: { kind: "weights", weights: [1, 2, 4] } }));
    expect(scenario?.servers.map(({ weight }) => weight)).toEqual([1, 2, 4]);
  });

  it("is told what the real one is told, and when", () => {
    const scenario = toScenario(testCell({ trial: { kind: "replaced", calmFromMs: 1_000, atMs: 10_000 }, work: { kind: "slot", ms: 20 } }));
    expect(scenario?.servers).toMatchObject([
      { name: "stays", count: 1, cores: 1 },
      { name: "old", count: 3, leaves: { atMs: 15_000, drainMs: 5_000 } },
      { name: "new", count: 3, joins: { atMs: 10_000 } },
    ]);
  });

  it("is none where the simulator has nothing like it", () => {
    expect(toScenario(testCell({ trial: { kind: "sequential", pauseMs: 5 } }))).toBeUndefined();
  });

  it("has a server that refuses all calls, where one answers wrongly", () => {
    const servers = toScenario(testCell({ trial: { kind: "wrong", answer: "404" }, servers: 4 }))?.servers;
    expect(servers?.map(({ name, count, faults = [] }) => [name, count, faults.map(({ kind }) => kind)])).toEqual([
      ["good", 3, []],
      ["wrong", 1, ["refuses"]],
    ]);
  });
});
