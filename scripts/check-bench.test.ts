import { expect, test } from "vitest";
import { type BenchFigures, brokenPromises, figuresOf } from "./check-bench.ts";

const picker = (p50Us: number, p99Us: number, bytes = 0) => ({
  pick: { p50Us, p99Us },
  call: { p50Us, p99Us },
  bytes: { pick: bytes, call: 500 },
});
const costing = (cpuUs: number, ratioToEqualRaw = 1) => ({ cpuUs, ratioToRaw: 2, ratioToEqualRaw, bytes: 20_000, p50Us: 150, p99Us: 400 });
const unary: BenchFigures["unary"] = {
  "raw-node-http2": costing(50),
  "raw-equal-connect": costing(50),
  "raw-equal-grpc": costing(50),
  "grpc-js": costing(120),
  "connect-node-connect": costing(200),
  "connect-node-grpc": costing(300),
  "meshless-connect": costing(60, 2.5),
  "meshless-grpc": costing(119, 2.5),
  "meshless-grpc-web": costing(60),
  "meshless-connect-deadline": costing(60),
  "meshless-connect-headers": costing(60),
  "meshless-connect-interceptor": costing(60),
  "meshless-connect-all": costing(60),
  "meshless-connect-gzip": costing(200),
};
const good: BenchFigures = {
  unary,
  pick: {
    endpoints: { 10: picker(1, 3), 1000: picker(3, 15), 10000: picker(4, 20) },
    policies: {
      adaptive: picker(1, 2),
      powerOfTwo: picker(0, 2),
      peakEwma: picker(1, 2),
      prequalHcl: picker(1, 2, 40),
      weightedRoundRobin: picker(1, 2),
      ringHash: picker(1, 2),
      maglev: picker(1, 2),
    },
  },
};

const withDefault = (endpoints: BenchFigures["pick"]["endpoints"]): BenchFigures => {
  return { ...good, pick: { ...good.pick, endpoints: { ...good.pick.endpoints, ...endpoints } } };
};

test("is content with what was promised", () => {
  expect(brokenPromises(figuresOf(good))).toEqual([]);
});

test.each([
  ["a pick of 1000 takes 1 us at p50, times 3", { 1000: picker(3.01, 15) }],
  ["a pick of 1000 takes 5 us at p99, times 3", { 1000: picker(3, 15.1) }],
  ["a pick of 10000 takes 4 times as long as one of 10", { 10000: picker(4.1, 5) }],
  ["a pick leaves nothing on the heap: at most 8 bytes", { 10: picker(1, 3, 9) }],
  ["everything is measured", { 10000: picker(4, Number.NaN) }],
])("notices that not: %s", (promise, endpoints) => {
  expect(brokenPromises(figuresOf(withDefault(endpoints)))).toEqual([promise]);
});

test.each([
  ["a call costs at most 2.5 times one by node:http2 with equal work", { "meshless-connect": costing(60, 2.51) }],
  ["a call costs less than one of grpc-js", { "meshless-grpc": costing(120, 2) }],
])("notices that not: %s", (promise, figures) => {
  expect(brokenPromises(figuresOf({ ...good, unary: { ...unary, ...figures } }))).toEqual([promise]);
});

test("a policy or a contender that is missing is noticed", () => {
  const { maglev: _, ...policies } = good.pick.policies;
  expect(brokenPromises(figuresOf({ ...good, pick: { ...good.pick, policies } }))).toEqual(["everything is measured"]);
  const { "meshless-grpc-web": __, ...contenders } = unary;
  expect(brokenPromises(figuresOf({ ...good, unary: contenders }))).toEqual(["everything is measured"]);
});
