import { describe, expect, test } from "vitest";
import { testScenario } from "./test-scenario.ts";
import { validateScenario } from "./validate-scenario.ts";

test("a scenario that makes sense is handed back as it is", () => {
  const scenario = testScenario();
  expect(validateScenario(scenario)).toBe(scenario);
});

test("what is undefined counts as left out", () => {
  expect(() => validateScenario({ ...testScenario(), network: undefined, warmUpMs: undefined })).not.toThrow();
});

const work = { kind: "exponential", mean: 10 };
const at = (path: string, value: unknown): unknown => {
  const copy = structuredClone(testScenario()) as unknown as Record<string, unknown>;
  const steps = path.split(".");
  let target = copy;
  for (const step of steps.slice(0, -1)) target = target[step] as Record<string, unknown>;
  target[steps.at(-1) as string] = value;
  return copy;
};

describe("errors name the field and say what to do", () => {
  test.each<[string, unknown, string]>([
    ["name", "", 'name is "": give a text that is not empty'],
    ["durationMs", undefined, "durationMs is missing: add it"],
    ["durationMs", Number.NaN, "durationMs is NaN: give a number above 0"],
    ["durationMs", "10 s", 'durationMs is "10 s": give a number above 0'],
    ["warmUpMs", 10_000, "warmUpMs is 10000: give less than durationMs, 10000"],
    [
      "duration",
      10,
      "duration is no known field: use name, description, durationMs, servers, clients, warmUpMs, network, discovery, windows",
    ],
    ["servers", [], "servers is empty: give at least one"],
    ["servers", "pods", 'servers is "pods": give a list'],
    ["servers.0", null, "servers[0] is null: give an object with fields"],
    ["servers.0.core", 2, "servers[0].core is no known field: use name, count, cores, zone"],
    ["servers.0.count", 1.5, "servers[0].count is 1.5: give a whole number of at least 1"],
    ["servers.0.discipline", "lifo", 'servers[0].discipline is "lifo": give processorSharing or fifo'],
    ["servers.0.reports", true, "servers[0].reports is true: give an object with fields"],
    ["servers.0.reports", { loss: 2 }, "servers[0].reports.loss is 2: give a number of at least 0 up to 1"],
    ["servers.0.reports", { shareMs: -1 }, "servers[0].reports.shareMs is -1: give a number of at least 0"],
    ["servers.0.warmedByUse", { addedMs: 5 }, "servers[0].warmedByUse.halfAfterCalls is missing: add it"],
    [
      "servers.0.warmedByUse",
      { addedMs: 5, halfAfterCalls: 1, forgetsMs: 0 },
      "servers[0].warmedByUse.forgetsMs is 0: give a number above 0",
    ],
    ["servers.0.leaves", { atMs: 0 }, "servers[0].leaves.atMs is 0: give a time after it joins, 0"],
    [
      "servers.0.faults",
      [{ kind: "explode", fromMs: 0 }],
      'servers[0].faults[0].kind is "explode": give errors or refuses or hang or pauses or slow or down',
    ],
    ["servers.0.faults", [{ kind: "refuses", fromMs: 0 }], "servers[0].faults[0].share is missing: add it"],
    ["servers.0.faults", [{ kind: "hang" }], "servers[0].faults[0].fromMs is missing: add it"],
    ["servers.0.faults", [{ kind: "hang", fromMs: 5, toMs: 5 }], "servers[0].faults[0].toMs is 5: give a time after fromMs, 5"],
    [
      "servers.0.faults",
      [{ kind: "hang", fromMs: 5, servers: 11 }],
      "servers[0].faults[0].servers is 11: give at most the group's count, 10",
    ],
    [
      "servers.0.faults",
      [{ kind: "pauses", fromMs: 0, pauseMs: 9, everyMs: 9 }],
      "servers[0].faults[0].everyMs is 9: give more than pauseMs, 9",
    ],
    [
      "clients.0.work",
      { kind: "pareto" },
      'clients[0].work.kind is "pareto": give constant or exponential or normal or lognormal or mixture',
    ],
    ["clients.0.retry", { maxAttempts: 0 }, "clients[0].retry.maxAttempts is 0: give a whole number of at least 1 up to 10"],
    ["clients.0.retry", { codes: ["broken"] }, 'clients[0].retry.codes[0] is "broken": give the name of a status, such as unavailable'],
    ["clients.0.retry", { budget: { share: 2 } }, "clients[0].retry.budget.share is 2: give a number of at least 0 up to 1"],
    ["clients.0.work", undefined, "clients[0].work is missing: add it"],
    [
      "clients.0.work",
      { kind: "mixture", parts: [{ share: 1, of: { kind: "constant" } }] },
      "clients[0].work.parts[0].of.value is missing: add it",
    ],
    ["clients.0.ownWork", { kind: "constant", value: 0 }, "clients[0].ownWork.value is 0: give a number above 0"],
    ["clients.0.mistaken", { share: 2 }, "clients[0].mistaken.share is 2: give a number of at least 0 up to 1"],
    ["clients.0.rate", -1, "clients[0].rate is -1: give a number of at least 0"],
    [
      "clients.0.rate",
      [
        { atMs: 5, perSecond: 1 },
        { atMs: 5, perSecond: 2 },
      ],
      "clients[0].rate[1].atMs is 5: give a time after the step before, 5",
    ],
    ["clients.1", { name: "client", count: 1, rate: 1, work }, 'clients[1].name is "client": give a name that clients[0] does not have'],
    ["windows", [{ label: "w", fromMs: 5, toMs: 1 }], "windows[0].toMs is 1: give a time after fromMs, 5"],
    ["network", { noise: { kind: "exponential", mean: -1 } }, "network.noise.mean is -1: give a number above 0"],
    [
      "network",
      { connectionWarmUp: { addedMs: 5, calls: 0.5 } },
      "network.connectionWarmUp.calls is 0.5: give a whole number of at least 1",
    ],
    ["discovery", { stalls: [{ fromMs: 5 }] }, "discovery.stalls[0].toMs is missing: add it"],
  ])("%s: %j", (path, value, message) => {
    expect(() => validateScenario(at(path, value))).toThrow(message);
  });

  test.each([undefined, null, 7, "scenario", []])("not even an object: %j", (input) => {
    expect(() => validateScenario(input)).toThrow(/^the scenario is .*: give an object with fields$/);
  });
});

test("places in line are whole, shared cores need not be", () => {
  expect(() => validateScenario(testScenario({ servers: { cores: 6.4 } }))).not.toThrow();
  expect(() => validateScenario(testScenario({ servers: { cores: 6.4, discipline: "fifo" } }))).toThrow(
    "servers[0].cores is 6.4: give a whole number, or choose processorSharing",
  );
});
