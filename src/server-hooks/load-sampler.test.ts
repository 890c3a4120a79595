import { fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OrcaLoadReportSchema } from "../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import type { LoadReport } from "../load-report.ts";
import { fromOrca } from "../orca.ts";
import type { EventLoopSample } from "./event-loop.ts";
import { type BegunCall, type CallEnd, LoadSampler, type LoadSamplerOptions } from "./load-sampler.ts";

function setUp(options: LoadSamplerOptions = {}) {
  const time = { nowMs: 1_000 };
  const loop: { now: EventLoopSample } = { now: { utilization: 0, delayMs: 0 } };
  const sampler = new LoadSampler({ clock: { now: () => time.nowMs }, eventLoop: () => loop.now, ...options });
  return { time, loop, sampler };
}

function decode(text: string): LoadReport {
  return fromOrca(fromBinary(OrcaLoadReportSchema, base64Decode(text)));
}

describe("LoadSampler", () => {
  test("a call is in flight from its begin to its first end, and counts as answered once", () => {
    const { time, sampler } = setUp();
    const end = sampler.begin();
    sampler.begin();
    expect(sampler.report()).toMatchObject({ inFlight: 2, requestsPerSecond: 0 });
    end("failure");
    end("success");
    time.nowMs += 2_000;
    expect(sampler.report()).toMatchObject({ inFlight: 1, requestsPerSecond: 0.5, errorsPerSecond: 0.5 });
  });

  test("in flight is what began and has not ended, in any order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (steps) => {
        const { sampler } = setUp();
        const ends = Array.from({ length: 10 }, () => sampler.begin());
        const ended = new Set<number>();
        for (const step of steps) {
          if (step < ends.length) ended.add(step);
          ends[step]?.("success");
        }
        expect(sampler.inFlight).toBe(10 - ended.size);
      }),
      { seed: 7 },
    );
  });

  test("latency is the mean over unary calls that went well, from begin to end, and absent before the first", () => {
    const { time, sampler } = setUp();
    const take = (ms: number, end: CallEnd, call?: BegunCall) => {
      const endCall = sampler.begin(call);
      time.nowMs += ms;
      endCall(end);
    };
    take(1, "failure", { unary: true });
    take(2, "other", { unary: true });
    take(4_000, "success");
    take(8_000, "success", { unary: false });
    expect(sampler.report()).not.toHaveProperty("latencyMs");
    take(30, "success", { unary: true });
    expect(sampler.report().latencyMs).toBe(30);
    take(1, "failure", { unary: true });
    take(50, "success", { unary: true });
    expect(sampler.report().latencyMs).toBeCloseTo(40, 0);
  });

  test("latency is that of the latest calls: beyond 200, each newest one weighs a two-hundredth", () => {
    const { time, sampler } = setUp();
    const answer = (ms: number, calls: number) => {
      for (let call = 0; call < calls; call++) {
        const end = sampler.begin({ unary: true });
        time.nowMs += ms;
        end("success");
      }
      return sampler.report().latencyMs;
    };
    expect(answer(1, 500)).toBeCloseTo(1, 9);
    expect(answer(21, 1)).toBeCloseTo(1.1, 2);
    expect(answer(21, 1_000)).toBeGreaterThan(20.8);
  });

  test("where calls are rare, latency is that of the last seconds: what was slow while the server was cold is soon forgotten", () => {
    const { time, sampler } = setUp();
    const answer = (ms: number) => {
      const end = sampler.begin({ unary: true });
      time.nowMs += ms;
      end("success");
      time.nowMs += 1_000;
    };
    answer(500);
    for (let call = 0; call < 10; call++) answer(2);
    expect(sampler.report().latencyMs).toBeLessThan(6);
  });

  test("latency counts a call's first end only", () => {
    const { time, sampler } = setUp();
    const end = sampler.begin({ unary: true });
    time.nowMs += 5;
    end("other");
    time.nowMs += 5;
    end("success");
    expect(sampler.report()).not.toHaveProperty("latencyMs");
  });

  test("utilization is the higher of the share of maxInFlight in use, which may exceed 1, and the event loop's", () => {
    const { time, loop, sampler } = setUp({ maxInFlight: 2 });
    loop.now = { utilization: 0.75, delayMs: 12 };
    time.nowMs += 60_000;
    expect(sampler.report().utilization).toBeCloseTo(0.75, 6);
    expect(sampler.report().eventLoopDelayMs).toBeCloseTo(12, 6);
    for (let i = 0; i < 3; i++) sampler.begin();
    expect(sampler.report().utilization).toBe(1.5);
  });

  test("without maxInFlight, calls in flight are no utilization", () => {
    const { sampler } = setUp();
    for (let i = 0; i < 1_000; i++) sampler.begin();
    expect(sampler.report().utilization).toBe(0);
  });

  test("responses within minIntervalMs share one string", () => {
    const { time, sampler } = setUp({ minIntervalMs: 5 });
    const before = sampler.encoded();
    sampler.begin();
    time.nowMs += 4.9;
    expect(sampler.encoded()).toBe(before);
    time.nowMs += 0.1;
    expect(sampler.encoded()).not.toBe(before);
  });

  test("what it encodes is what a client reads", () => {
    const { time, loop, sampler } = setUp({ maxInFlight: 4 });
    loop.now = { utilization: 0.1, delayMs: 7 };
    const end = sampler.begin({ unary: true });
    sampler.begin()("failure");
    sampler.begin();
    time.nowMs += 3_000;
    end("success");
    expect(decode(sampler.encoded())).toEqual(sampler.report());
    expect(sampler.encoded()).not.toContain("=");
  });

  test("draining and warm-up show at once, and only while they say something", () => {
    const { sampler } = setUp();
    expect(decode(sampler.encoded())).not.toHaveProperty("draining");
    sampler.warmedUpTo(0.25);
    expect(decode(sampler.encoded())).toMatchObject({ warmUp: 0.25 });
    sampler.warmedUpTo(1);
    expect(decode(sampler.encoded())).not.toHaveProperty("warmUp");
    sampler.startDraining();
    expect(decode(sampler.encoded())).toMatchObject({ draining: true });
  });
});
