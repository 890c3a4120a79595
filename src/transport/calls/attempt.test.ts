import { toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { describe, expect, test } from "vitest";
import { bouncedHeader } from "../../bounce.ts";
import { OrcaLoadReportSchema } from "../../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import type { LoadReport } from "../../load-report.ts";
import { loadReportHeader, toOrca } from "../../orca.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { createReportReader } from "../sessions/read-report.ts";
import { Attempt, type AttemptInit } from "./attempt.ts";

/** An attempt, and what its lease is told. */
function setUp(mayBounce = 0) {
  const told: { readonly report: LoadReport | undefined; readonly atMs: number }[] = [];
  const clock = manualClock();
  const attempt = new Attempt({
    mayBounce,
    clock,
    call: { signal: new AbortController().signal },
    pool: { reports: createReportReader() },
    lease: { responded: (report: LoadReport | undefined, atMs: number) => told.push({ report, atMs }) },
  } as unknown as AttemptInit);
  return { attempt, clock, told };
}

const reporting = (report: LoadReport) => ({ [loadReportHeader]: base64Encode(toBinary(OrcaLoadReportSchema, toOrca(report))) });
const idle: LoadReport = { requestsPerSecond: 1, errorsPerSecond: 0, utilization: 0.5, inFlight: 0 };
const busy: LoadReport = { ...idle, inFlight: 9 };

test("an attempt may be bounced until a response begins, or until more went out than a server takes unread", () => {
  const { attempt: sending } = setUp(2);
  sending.onSent(262_144);
  expect(sending.isBounceable).toBe(true);
  sending.onSent(1);
  expect(sending.isBounceable).toBe(false);
  const { attempt: answered } = setUp(1);
  answered.onHeaders({ ":status": "200" });
  expect(answered.isBounceable).toBe(false);
});

test("an attempt without a permit can't be bounced, whatever the server says", () => {
  const { attempt } = setUp();
  expect(attempt.isBounceable).toBe(false);
  attempt.onHeaders({ ":status": "429", [bouncedHeader]: "1" });
  expect([attempt.bounced, attempt.isBounceable]).toEqual([false, false]);
});

describe("the balancer hears that the server responds", () => {
  test("with the headers, whether they report or not", () => {
    for (const [headers, report] of [
      [{}, undefined],
      [{ [loadReportHeader]: "nonsense" }, undefined],
      [reporting(idle), idle],
    ] as const) {
      const { attempt, clock, told } = setUp();
      clock.advance(7);
      attempt.onHeaders({ ":status": "200", ...headers });
      expect(told).toEqual([{ report, atMs: 7 }]);
    }
  });

  test("with the trailers, if they report", () => {
    const { attempt, clock, told } = setUp();
    attempt.onHeaders({ ":status": "200" });
    attempt.onTrailers({ "grpc-status": "0" });
    clock.advance(9);
    attempt.onTrailers({ "grpc-status": "0", ...reporting(busy) });
    expect(told.slice(1)).toEqual([{ report: busy, atMs: 9 }]);
  });
});
