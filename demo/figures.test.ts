import { describe, expect, it } from "vitest";
import { answersBy, figuresOf, isStarved } from "./figures.ts";
import { type Latencies, recordLatency } from "./latencies.ts";
import { addTallies, type Tally } from "./tally.ts";

function calls(count: number, latencyMs: number): Latencies {
  const latencies: Latencies = [];
  for (let call = 0; call < count; call++) recordLatency(latencies, latencyMs);
  return latencies;
}

const oneClient: Tally = {
  failures: { canceled: 1 },
  servers: { "server-1": calls(60, 20), "server-2": calls(10, 20) },
  lateness: calls(70, 1),
};
const otherClient: Tally = {
  failures: { canceled: 1, unavailable: 1 },
  servers: { "server-2": calls(20, 20), "server-10": calls(10, 400) },
  lateness: calls(30, 50),
};
const both = addTallies([oneClient, otherClient]);

describe("figures", () => {
  it("count every call once, answered or failed", () => {
    expect(figuresOf(both, [])).toMatchObject({ requests: 103, failed: 3 });
  });

  it("keep the reasons of failures apart", () => {
    expect(both.failures).toEqual({ canceled: 2, unavailable: 1 });
  });

  it("name the servers in their order, each with its share of the answers", () => {
    const shares = Object.entries(figuresOf(both, []).servers).map(([name, { requests, share }]) => [name, requests, share]);
    expect(shares).toEqual([
      ["server-1", 60, 0.6],
      ["server-2", 30, 0.3],
      ["server-10", 10, 0.1],
    ]);
  });

  it("compare the servers of before the deploy, the idle ones too", () => {
    expect(figuresOf(both, answersBy(both, ["server-1", "server-2"])).maxOverMean).toBe(1.333);
    expect(figuresOf(both, answersBy(both, ["server-1", "server-2", "server-3"])).maxOverMean).toBe(2);
  });

  it("tell a machine that is short of CPU by calls that are made late", () => {
    expect(isStarved(figuresOf(oneClient, []))).toBe(false);
    expect(isStarved(figuresOf(both, []))).toBe(true);
  });

  it("take p50 and p99 over all servers", () => {
    const { p50Ms, p99Ms } = figuresOf(both, []);
    expect(p50Ms).toBeGreaterThan(19.8);
    expect(p50Ms).toBeLessThan(20.2);
    expect(p99Ms).toBeGreaterThan(396);
  });
});
