import { expect, test } from "vitest";
import { entrants } from "../contenders/registry.ts";
import type { RunResult } from "../result.ts";
import { chapters } from "../scenarios/index.ts";
import type { CellResults } from "../suite/cell.ts";
import { textOf } from "../suite/table.ts";
import { testResult } from "../suite/test-result.ts";
import { testScenario } from "../suite/test-suite.ts";
import { criteria } from "./criteria.ts";
import { AFTERWARDS } from "./retry-storms.ts";

type Change = Parameters<typeof testResult>[0];

/** A cell that ran with two seeds: what is given, the second time a little less of it. */
function cell(name: string, runs: Readonly<Record<string, Change>>): CellResults {
  const twice = (change: Change = {}): readonly RunResult[] =>
    [1, 0.99].map((times, seed) => testResult({ ...change, seed: seed + 1, p99Ms: (change.p99Ms ?? 100) * times }));
  return {
    cell: { scenario: testScenario(name), contenders: Object.keys(runs) },
    runs: new Map(Object.entries(runs).map(([contender, change]) => [contender, twice(change)])),
  };
}

/** How many pods everybody needs at 400 clients. */
function podsNeeded(counts: Readonly<Record<string, number>>) {
  const search = chapters.flatMap(({ searches = [] }) => searches).find(({ name }) => name === "pods-400-clients");
  if (search === undefined) throw new Error("the suite has that search");
  const needed = Object.entries(counts).map(([contender, count]) => ({ search: search.name, contender, count, tried: [], wallMs: 0 }));
  return { search, needed };
}

function tablesOf(cells: readonly CellResults[], ...searches: readonly ReturnType<typeof podsNeeded>[]) {
  const [chapter] = chapters;
  if (chapter === undefined) throw new Error("the suite has chapters");
  return criteria({ entrants, chapters: [{ chapter, cells, searches }] });
}

/** The lines of the first table, without their targets. */
function lines(...from: Parameters<typeof tablesOf>) {
  return tablesOf(...from)[0]
    ?.rows.map((row) => row.map(textOf))
    .map(([promise, , figure, kept]) => [promise?.split(":")[0], figure, kept]);
}

const group = (group: string, p99Ms: number) => ({ group, calls: 100, p99Ms });
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const server = (group: string, calls: number) => ({ id: group, group, zone: undefined, weight: 1, calls, errors: 0, utilization: 0.5 });

const window = (label: string, p99: number, errorShare = 0) => {
  const { latencyMs, calls, callsMaxOverMean, crossZoneShare } = testResult();
  return { label, calls, errorShare, callsMaxOverMean, crossZoneShare, latencyMs: { ...latencyMs, p99 } };
};

test("where nothing ran, nothing is promised", () => {
  expect(lines([])).toEqual([]);
  expect(lines([cell("shared-174", { p2c: {}, "exact-jsq": {} })])).toEqual([]);
});

test("half of the best rival, or close to the best bound", () => {
  const kept = (own: number, rival: number, bound: number) =>
    lines([
      cell("shared-174", {
        meshless: { p99Ms: own },
        "round-robin": { p99Ms: 1 },
        p2c: { p99Ms: 9 * rival },
        "peak-ewma": { p99Ms: rival },
        omniscient: { p99Ms: 2 * bound },
        "exact-jsq": { p99Ms: bound },
        pooled: { p99Ms: bound / 2 },
      }),
    ])?.[0];
  expect(kept(50, 100, 10)).toEqual(["shared-174", "0.50 (0.50–0.50) of peak-ewma, 5.00 (5.00–5.00) of exact-jsq", "yes"]);
  expect(kept(51, 100, 10)?.[2]).toBe("no");
  expect(kept(99, 100, 90)?.[2]).toBe("yes");
});

test("nowhere worse than any rival, by more than 5 %", () => {
  const fine = cell("steady", { meshless: { p99Ms: 90 }, p2c: {}, "peak-ewma": { p99Ms: 200 } });
  const worse = (p99Ms: number) => cell("bursts", { meshless: { p99Ms }, p2c: {}, "weighted-round-robin": { p99Ms: 101 } });
  expect(lines([fine, worse(105)])).toEqual([
    ["nowhere worse than the usual policies", "2 of 2 cells; most in bursts: 1.05 (1.05–1.05) of p2c", "yes"],
  ]);
  expect(lines([fine, worse(106)])?.[0]?.slice(1)).toEqual(["1 of 2 cells; most in bursts: 1.06 (1.06–1.06) of p2c", "no"]);
});

test("who loses calls that meshless does not lose has less to do, and is no rival", () => {
  const losing = (errorShare: number) => cell("refusing", { meshless: { p99Ms: 110 }, p2c: { errorShare }, "peak-ewma": { p99Ms: 200 } });
  expect(lines([losing(0.04)])?.[0]?.slice(1)).toEqual(["0 of 1 cells; most in refusing: 1.10 (1.10–1.10) of p2c", "no"]);
  expect(lines([losing(0.06)])?.[0]?.slice(1)).toEqual(["1 of 1 cells; most in refusing: 0.55 (0.55–0.55) of peak-ewma", "yes"]);
});

test("no worse than Prequal in 80 % of the cells, with either setting", () => {
  const cells = (...p99s: readonly number[]) =>
    p99s.map((p99Ms, index) => cell(`cell ${index}`, { meshless: { p99Ms }, prequal: {}, ...(index < 2 && { "prequal-75": {} }) }));
  expect(lines(cells(90, 101, 100, 90, 80))).toEqual([
    ["no worse than prequal, without its three probes a call", "4 of 5 cells (80 %); most in cell 1: 1.01 (1.01–1.01)", "yes"],
    ["no worse than prequal-75, without its three probes a call", "1 of 2 cells (50 %); most in cell 1: 1.01 (1.01–1.01)", "no"],
  ]);
  expect(lines(cells(90, 101, 101, 90, 80))?.[0]?.[2]).toBe("no");
});

test("of a black hole's errors, hardly any", () => {
  const hole = (errorShare: number) => lines([cell("black-hole", { meshless: { errorShare }, p2c: { errorShare: 0.02 } })])?.[1];
  expect(hole(0.0005)).toEqual(["black-hole", "0.05 % (p2c 2.00 %)", "yes"]);
  expect(hole(0.0006)?.[2]).toBe("no");
});

test("a liar has twice its fair share at most, and those who called others don't notice", () => {
  const honest = { perGroup: [group("honest", 100), group("liar", 100)] };
  const lying = (liar: number, p99Ms: number) => ({
    perServer: [server("honest", 100), server("honest", 100), server("liar", liar)],
    perGroup: [group("honest", p99Ms), group("liar", 900)],
  });
  const kept = (liar: number, p99Ms: number) =>
    lines([cell("lying-pod", { meshless: lying(liar, p99Ms) }), cell("honest-pod", { meshless: honest })]);
  expect(kept(100, 105)).toEqual([
    ["lying-pod", "1.00 times a fair share", "yes"],
    ["lying-pod", "1.05 (1.05–1.05)", "yes"],
  ]);
  // 500 of 700 calls, where a third is fair.
  expect(kept(500, 111)?.map(([, , yes]) => yes)).toEqual(["no", "no"]);
});

test("at the top of the ramp, its last step counts, and the climb does not", () => {
  const ramp = chapters.flatMap(({ cells }) => cells).find(({ scenario }) => scenario.name === "prequal-ramp")?.scenario;
  expect(ramp?.windows?.at(-1)?.label).toBe("1.74x");
  const stepOf = (p99: number) => ({ windows: [window("1.74x", p99)] });
  const kept = lines([cell("prequal-ramp", { meshless: { ...stepOf(50), p99Ms: 90 }, p2c: { ...stepOf(100), p99Ms: 90 } })])?.[0];
  expect(kept).toEqual(["prequal-ramp at 1.74x", "0.50 (0.50–0.50) of p2c", "yes"]);
});

test("zones keep their calls as Envoy's split does, or better, without being slower", () => {
  const skewed = (crossZoneShare: number, p99Ms: number) =>
    lines([cell("zones-50-70", { meshless: { crossZoneShare, p99Ms }, "envoy-zones": { crossZoneShare: 0.167 } })])?.[0];
  expect(skewed(0.1, 100)).toEqual(["zones-50-70", "10.0 % against 16.7 %, 1.00 (1.00–1.00)", "yes"]);
  expect(skewed(0.17, 100)?.[2]).toBe("no");
  expect(skewed(0.1, 101)?.[2]).toBe("no");
  const balanced = (crossZoneShare: number) => lines([cell("zones-balanced", { meshless: { crossZoneShare } })])?.[0];
  expect([balanced(0)?.[2], balanced(1e-6)]).toEqual(["yes", ["zones-balanced", "<0.01 %", "no"]]);
});

test("fewer pods than with kube-proxy, and than with p2c", () => {
  expect(lines([], podsNeeded({ "kube-proxy": 50, p2c: 36, meshless: 32 }))).toEqual([
    ["pods-400-clients", "32 against 50, 36.0 % fewer", "yes"],
    ["pods-400-clients", "32 against 36, 11.1 % fewer", "yes"],
  ]);
  expect(lines([], podsNeeded({ "kube-proxy": 49, p2c: 35, meshless: 32 }))?.map(([, , kept]) => kept)).toEqual(["no", "no"]);
});

test("alike pods get alike: with many calls nearly even shares, with few as fair draws do", () => {
  const light = (callsMinOverMean: number, callsMaxOverMean: number, ...calls: readonly number[]) =>
    lines([
      cell("light-1", {
        meshless: { callsMinOverMean, callsMaxOverMean, calls: sum(calls), perServer: calls.map((n) => server("pod", n)) },
      }),
    ])?.[0];
  const name = "light load";
  expect(light(0.9, 1.1, 1_000, 1_000)).toEqual([name, "1 of 1 cells; least even in light-1: 0.90 to 1.10", "yes"]);
  expect(light(0.89, 1.1, 1_000, 1_000)).toEqual([name, "0 of 1 cells; least even in light-1: 0.89 to 1.10", "no"]);
  expect(light(0.9, 1.11, 1_000, 1_000)?.[2]).toBe("no");
  expect(light(0.6, 1.4, 30, 70)?.[2]).toBe("no");
  expect(light(0.7, 1.3, 35, 65)?.[2]).toBe("yes");
});

test("who is worse gets less than a fair share even when idle, but something", () => {
  const odd = (...calls: readonly number[]) =>
    lines([cell("idle-slow-pod", { meshless: { perServer: calls.map((n, i) => server(i === 0 ? "odd" : "pod", n)) } })])?.[0];
  expect(odd(80, 120)).toEqual(["idle-slow-pod", "0.80 of a fair share, at least 0.80", "yes"]);
  expect(odd(90, 110)?.[2]).toBe("no");
  expect(odd(0, 200)?.[2]).toBe("no");
});

test("of a server that refuses at once, hardly a call", () => {
  const wrong = (errorShare: number) =>
    lines([cell("wrong-but-quick-silent", { meshless: { errorShare }, p2c: { errorShare: 0.3 } })])?.at(-1);
  expect(wrong(0.01)).toEqual(["wrong-but-quick-silent", "1.00 % (p2c 30.0 %)", "yes"]);
  expect(wrong(0.011)?.[2]).toBe("no");
});

test("where calls themselves are at fault, p99 and shares are as without", () => {
  const mistaken = (p99Ms: number, callsMinOverMean: number, callsMaxOverMean: number) =>
    lines([
      cell("none-mistaken", { meshless: { p99Ms: 100, callsMinOverMean: 0.95, callsMaxOverMean: 1.05 } }),
      cell("tenth-mistaken", { meshless: { p99Ms, callsMinOverMean, callsMaxOverMean } }),
    ])?.[0];
  expect(mistaken(102, 0.94, 1.06)).toEqual(["tenth-mistaken", "1.02 (1.02–1.02), shares 0.94 to 1.06", "yes"]);
  expect(mistaken(103, 0.95, 1.05)?.[2]).toBe("no");
  expect(mistaken(100, 0.92, 1.05)?.[2]).toBe("no");
  expect(mistaken(100, 0.95, 1.08)?.[2]).toBe("no");
});

test("after most pods were replaced, p99 is at most twice what it was", () => {
  const replaced = (after: number) =>
    lines([cell("replaced-at-once", { meshless: { windows: [window("before", 100), window("after", after)] } })])?.[0];
  expect(replaced(200)).toEqual(["replaced-at-once", "2.00 (2.00–2.00)", "yes"]);
  expect(replaced(201)?.[2]).toBe("no");
});

test("after a storm of retries, hardly a call is lost within the budget, and most are without", () => {
  const lost = (errorShare: number) => ({ meshless: { windows: [window(AFTERWARDS, 100, errorShare)] } });
  const kept = (inBudget: number, unbounded: number) =>
    lines([cell("storm-in-budget", lost(inBudget)), cell("storm-unbounded", lost(unbounded))])?.[0];
  expect(kept(0.001, 0.5)).toEqual(["storm-in-budget", "0.10 % against 50.0 %", "yes"]);
  expect(kept(0.0011, 0.9)?.[2]).toBe("no");
  expect(kept(0, 0.49)?.[2]).toBe("no");
});

test("every cell has a line with those it met, and who fails calls is told", () => {
  const [, table] = tablesOf([
    cell("busy", { meshless: { p99Ms: 50 }, p2c: { errorShare: 0.02 }, prequal: { p99Ms: 40 }, omniscient: { p99Ms: 40 } }),
    cell("alone", { meshless: {}, "meshless-pushback": {} }),
  ]);
  expect(table?.rows).toEqual([
    [
      "busy",
      "49.8",
      { text: "0.50 (0.50–0.50) p2c, 2.00 % fail", mark: "best" },
      { text: "1.25 (1.25–1.25)", mark: "worst" },
      "",
      "1.25 (1.25–1.25)",
    ],
  ]);
});

test("every name in a criterion is that of a cell, a search or a policy of the suite", () => {
  const named = chapters.flatMap(({ cells, searches = [] }) => [
    ...cells.map(({ scenario, contenders }) => cell(scenario.name, Object.fromEntries(contenders.map((name) => [name, {}])))),
    ...searches.map(() => podsNeeded({ "kube-proxy": 50, p2c: 36, meshless: 32 })),
  ]);
  const cells = named.filter((one): one is CellResults => "cell" in one);
  expect(lines(cells, podsNeeded({ "kube-proxy": 50, p2c: 36, meshless: 32 }))).toHaveLength(
    5 + 1 + 2 + 1 + 2 + 4 + 2 + 2 + 2 + 4 + 2 + 2 + 4 + 1,
  );
});
