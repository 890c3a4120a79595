import type { LoadReport } from "meshless/balancer";
import { describe, expect, test } from "vitest";
import { meshless, shippedAs } from "../contenders/shipped.ts";
import type { RunResult } from "../result.ts";
import { runScenario } from "../run-scenario.ts";
import type { Fault, ServerGroup } from "../scenario.ts";
import { type TestScenarioFields, testScenario } from "../test-scenario.ts";

const inTurn = shippedAs("round-robin");
const work = { kind: "constant", value: 10 } as const;

/** 4 servers with a core for each call, 400 calls per second of 10 ms, and the fault on the first of them from 2 to 6 s. */
function run(servers: Partial<ServerGroup>, rest: TestScenarioFields = {}): RunResult {
  const windows = [
    { label: "before", fromMs: 0, toMs: 1_900 },
    { label: "during", fromMs: 2_000, toMs: 6_000 },
    { label: "after", fromMs: 6_500, toMs: 10_000 },
  ];
  const { clients, ...others } = rest;
  return runScenario(
    testScenario({
      windows,
      ...others,
      servers: { count: 4, cores: 100, ...servers },
      clients: { rate: 400, work, timeoutMs: 1_000, ...clients },
    }),
    inTurn,
    1,
  );
}

const onFirst = (fault: Fault): Partial<ServerGroup> => ({ faults: [{ ...fault, fromMs: 2_000, toMs: 6_000, servers: 1 } as Fault] });
const errorsOf = ({ windows }: RunResult) => windows.map(({ errorShare }) => errorShare);

test("without a fault, every call takes its work and nothing fails", () => {
  const { latencyMs, errorShare, attemptsPerCall } = run({});
  expect(latencyMs.p50).toBeCloseTo(10, 9);
  expect(latencyMs.p999).toBeCloseTo(10, 9);
  expect([errorShare, attemptsPerCall]).toEqual([0, 1]);
});

test("errors: this share of the server's calls fails, soon and without the work", () => {
  const result = run(onFirst({ kind: "errors", fromMs: 0, share: 0.5, afterMs: 2 }));
  const [before, during, after] = errorsOf(result);
  expect([before, after]).toEqual([0, 0]);
  expect(during).toBeCloseTo(0.5 / 4, 1.5);
  expect(result.perServer.map(({ errors }) => errors > 0)).toEqual([true, false, false, false]);
  expect(result.windows[1]?.latencyMs.mean).toBeCloseTo(10 - (8 * 0.5) / 4, 0);
});

describe("refuses", () => {
  test("tells this share of calls at once that they are at fault; they are lost, and it is no error of the server", () => {
    const result = run(onFirst({ kind: "refuses", fromMs: 0, share: 0.5 }));
    const [before, during, after] = errorsOf(result);
    expect([before, after]).toEqual([0, 0]);
    expect(during).toBeCloseTo(0.5 / 4, 1.5);
    expect(result.perServer.map(({ errors }) => errors)).toEqual([0, 0, 0, 0]);
    expect(result.windows[1]?.latencyMs.mean).toBeCloseTo(10 - (10 * 0.5) / 4, 0);
    expect(result.attemptsPerCall).toBe(1);
  });

  test("and errors strike different calls, each its share", () => {
    const { errorShare, perServer, calls } = run({
      faults: [
        { kind: "errors", fromMs: 0, share: 0.2 },
        { kind: "refuses", fromMs: 0, share: 0.3 },
      ],
    });
    expect(errorShare).toBeCloseTo(0.5, 1.5);
    expect(perServer.reduce((sum, { errors }) => sum + errors, 0) / calls).toBeCloseTo(0.2, 1.5);
  });
});

describe("calls that are mistaken themselves", () => {
  test("take as long as others, unless they are found out sooner, and have not failed", () => {
    const slow = run({}, { clients: { mistaken: { share: 0.4 } } });
    expect([slow.errorShare, slow.attemptsPerCall, slow.latencyMs.mean]).toEqual([0, 1, expect.closeTo(10, 9)]);
    const soon = run({}, { clients: { mistaken: { share: 0.4, afterMs: 1 } } });
    expect(soon.errorShare).toBe(0);
    expect(soon.latencyMs.mean).toBeCloseTo(0.4 * 1 + 0.6 * 10, 0);
  });

  test("balancers are told what became of them", () => {
    const kinds: string[] = [];
    const noting = meshless("noting", "", {
      ejection: false,
      policy: ({ candidates }) => ({ pick: (context) => candidates.sample(context), onSettle: (_, { kind }) => kinds.push(kind) }),
    });
    const clients = { rate: 400, work, mistaken: { share: 0.4 } };
    runScenario(testScenario({ servers: { cores: 100 }, clients }), noting, 1);
    expect(kinds.filter((kind) => kind === "clientError").length / kinds.length).toBeCloseTo(0.4, 1.5);
    expect(kinds.filter((kind) => kind === "success").length / kinds.length).toBeCloseTo(0.6, 1.5);
  });
});

test("hang: calls time out while it lasts; those that still wait at its end are answered", () => {
  const result = run(onFirst({ kind: "hang", fromMs: 0 }));
  const [before, during, after] = errorsOf(result);
  expect([before, after]).toEqual([0, 0]);
  // Those of the last second are still waiting when it ends.
  expect(during).toBeCloseTo((3 / 4) * 0.25, 1.5);
  expect(result.windows[1]?.latencyMs.p999).toBeCloseTo(1_000, 9);
  expect(result.windows[1]?.latencyMs.p90).toBeGreaterThan(500);
});

test("slow: work takes so many times as long", () => {
  const { windows, errorShare } = run(onFirst({ kind: "slow", fromMs: 0, factor: 5 }));
  expect(errorShare).toBe(0);
  expect(windows.map(({ latencyMs }) => Math.round(latencyMs.p99))).toEqual([10, 50, 10]);
  expect(windows[1]?.latencyMs.p50).toBeCloseTo(10, 9);
});

test("pauses: nothing moves for a while, again and again, as often as it says", () => {
  const pauses = { kind: "pauses", fromMs: 2_000, toMs: 50_000, pauseMs: 100, everyMs: 400 } as const;
  const windows = [
    { label: "during", fromMs: 2_000, toMs: 49_000 },
    { label: "after", fromMs: 51_000, toMs: 52_000 },
  ];
  const result = run({ count: 20, faults: [pauses] }, { durationMs: 52_000, windows });
  const [during, after] = result.windows;
  expect(during?.latencyMs.p90).toBeLessThanOrEqual(110);
  // A call meets a pause if it arrives in one (1/4 of the time), or in the 10 ms before; it loses 50 ms on average, or 100.
  expect(during?.latencyMs.mean).toBeCloseTo(10 + (100 / 400) * 50 + (10 / 400) * 100, 0);
  expect(after?.latencyMs.p999).toBeCloseTo(10, 9);
});

describe("down", () => {
  test("calls in flight are lost, later ones go elsewhere once the client has noticed, and it comes back", () => {
    const result = run(onFirst({ kind: "down", fromMs: 0 }), { network: { rttMs: 10, jitter: 0 } });
    const [before, during, after] = errorsOf(result);
    expect([before, after]).toEqual([0, 0]);
    // At 1 call per 10 ms: those that are there, or on their way, in 10 ms of work and 10 ms of network.
    const lost = result.errorShare * result.calls;
    expect(lost).toBeGreaterThan(0.5);
    expect(lost).toBeLessThan(6.5);
    expect(during).toBeGreaterThan(0);
    expect(result.timeline[4]).toMatchObject({ errors: 0 });
    const share = (result.perServer[0]?.calls ?? 0) / result.calls;
    expect(share).toBeCloseTo((0.25 * 6) / 10, 1);
  });

  test("idempotent calls are made again elsewhere", () => {
    const result = run(onFirst({ kind: "down", fromMs: 0 }), { network: { rttMs: 10 }, clients: { idempotent: true } });
    expect(result.errorShare).toBe(0);
    expect(result.attemptsPerCall).toBeGreaterThan(1);
  });

  test("with nobody left, calls fail at once", () => {
    const { windows } = run({ faults: [{ kind: "down", fromMs: 2_000, toMs: 6_000 }] }, { network: { rttMs: 10 } });
    expect(windows[1]?.errorShare).toBeGreaterThan(0.99);
    expect(windows[1]?.latencyMs.p50).toBe(0);
  });
});

test("a fault without an end stays; without a number of servers, it is on all of them", () => {
  const { windows } = run({ faults: [{ kind: "slow", fromMs: 2_000, factor: 3 }] });
  expect(windows.map(({ latencyMs }) => Math.round(latencyMs.mean))).toEqual([10, 30, 30]);
});

test("a cold server takes longer at first, and evenly less until it is warm", () => {
  const { timeline, errorShare } = run({ coldStart: { factor: 9, overMs: 4_000 } });
  expect(errorShare).toBe(0);
  expect(timeline[0]?.p50Ms).toBeCloseTo(80, -1);
  expect(timeline[2]?.p50Ms).toBeCloseTo(40, -1);
  expect(timeline.slice(5).map(({ p99Ms }) => Math.round(p99Ms))).toEqual([10, 10, 10, 10, 10]);
});

test("a server that leaves with notice finishes what it has, and no call fails", () => {
  const leaving = run({ leaves: { atMs: 3_000, everyMs: 100_000, drainMs: 1_000 } }, { network: { rttMs: 20 } });
  expect(leaving.errorShare).toBe(0);
  // Until 2 s, 1 in 4 of 400 a second; then its reports tell, sooner than discovery would.
  expect(leaving.perServer[0]?.calls).toBeGreaterThan(180);
  expect(leaving.perServer[0]?.calls).toBeLessThan(220);
});

test("calls on their way to a server that has just left are refused, and made again elsewhere", () => {
  const abrupt = { leaves: { atMs: 3_000, everyMs: 100_000, drainMs: 1 }, count: 2 };
  const { errorShare, attemptsPerCall } = run(abrupt, { network: { rttMs: 200 }, discovery: { delayMs: 500 } });
  expect(errorShare).toBe(0);
  expect(attemptsPerCall).toBeGreaterThan(1);
});

test("a server that leaves without notice takes its calls with it", () => {
  const { errorShare, perServer } = run({ leaves: { atMs: 3_000, everyMs: 100_000 } }, { network: { rttMs: 10 } });
  expect(errorShare).toBeGreaterThan(0);
  expect(errorShare).toBeLessThan(0.005);
  expect(perServer[0]?.calls).toBeCloseTo(300, -2);
});

test("a server that joins gets calls once it is known and connected", () => {
  const { perServer } = run({ joins: { atMs: 1, everyMs: 2_000 } }, { discovery: { delayMs: 1_000 } });
  const shares = perServer.map(({ calls }) => calls);
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
  expect(shares[3]).toBeGreaterThan(0.25 * 400 * (10 - 6 - 1.5) * 0.8);
  expect(shares[3]).toBeLessThan(0.25 * 400 * (10 - 6 - 0.5) * 1.2);
});

describe("reports", () => {
  /** Runs with a client that writes down what it is told. */
  function heard(servers: Partial<ServerGroup>, rate = 400) {
    const reports: (LoadReport & { atMs: number })[] = [];
    const listening = meshless("listening", "", ({ now }) => ({
      ejection: false,
      policy: ({ candidates }) => ({
        pick: (context) => candidates.sample(context),
        onReport: (_, report) => {
          reports.push({ ...report, atMs: now() });
        },
      }),
    }));
    const result = runScenario(testScenario({ servers: { count: 1, cores: 8, ...servers }, clients: { rate, work } }), listening, 1);
    return { reports, result };
  }

  test("come with every answer and are true: rate, utilization, calls in flight", () => {
    const { reports, result } = heard({ reports: { shareMs: 0 } });
    expect(reports).toHaveLength(result.calls);
    const late = reports.filter(({ atMs }) => atMs > 3_000);
    const mean = (of: (report: (typeof reports)[0]) => number) => late.reduce((sum, report) => sum + of(report), 0) / late.length;
    expect(mean(({ requestsPerSecond }) => requestsPerSecond)).toBeCloseTo(400, -1.5);
    expect(mean(({ utilization }) => utilization)).toBeCloseTo(0.5, 1);
    // The others that are still there when one is answered: Poisson, of mean 4.
    expect(mean(({ inFlight = Number.NaN }) => inFlight)).toBeCloseTo(4, 0);
  });

  test("are shared by the answers of 5 ms, as the server hooks do it, or of another time", () => {
    const answersPerReport = (servers: Partial<ServerGroup>) => {
      const { reports } = heard(servers);
      return reports.length / new Set(reports.map(({ requestsPerSecond, utilization }) => `${requestsPerSecond} ${utilization}`)).size;
    };
    // One answer each 2.5 ms on average: the one for which it was made, and those of the time after it.
    expect(answersPerReport({})).toBeCloseTo(1 + 5 / 2.5, 0);
    expect(answersPerReport({ reports: { shareMs: 20 } })).toBeCloseTo(1 + 20 / 2.5, 0);
    expect(answersPerReport({ reports: { shareMs: 0 } })).toBe(1);
  });

  test("tell a mean latency in which a cold start is soon one among many, and forgotten in some seconds", () => {
    const { reports } = heard({ reports: { shareMs: 0 }, warmedByUse: { addedMs: 20, halfAfterCalls: 1e-9 } }, 5);
    expect(reports[0]?.latencyMs).toBeCloseTo(30, 6);
    const later = [1, 9, 39].map((call) => reports[call]?.latencyMs as number);
    for (const [index, count] of [2, 10, 40].entries()) expect(later[index]).toBeLessThan(10 + 20 / count);
    expect(later[2]).toBeCloseTo(10, 1);
  });

  test("utilization shows overload: above 1 when there are more calls than cores", () => {
    const { reports } = heard({ cores: 2 });
    expect(Math.max(...reports.map(({ utilization }) => utilization))).toBeGreaterThan(2);
  });

  test("may be late, lost, lies, or not be made", () => {
    const { reports: late, result } = heard({ reports: { delayMs: 700 } });
    expect(late[0]?.atMs).toBeGreaterThan(700);
    expect(late.length).toBeGreaterThan(result.calls * 0.8);
    expect(heard({ reports: { loss: 0.25 } }).reports.length / result.calls).toBeCloseTo(0.75, 1);
    expect(heard({ reports: { lie: { inFlight: 0 } } }).reports.every(({ inFlight }) => inFlight === 0)).toBe(true);
    expect(heard({ reports: { lie: { inFlight: 0 } } }).reports.some(({ utilization }) => utilization > 0.3)).toBe(true);
    expect(heard({ reports: false }).reports).toEqual([]);
  });

  test("say draining while it drains, and not before", () => {
    const { reports } = heard({ leaves: { atMs: 8_000, drainMs: 2_000 } });
    expect(reports.filter(({ draining }) => draining).every(({ atMs }) => atMs >= 6_000)).toBe(true);
    expect(reports.filter(({ atMs }) => atMs < 6_000).length).toBeGreaterThan(2_000);
    expect(reports.some(({ draining }) => draining)).toBe(true);
  });
});
