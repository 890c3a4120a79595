import { PassThrough } from "node:stream";
import { toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { describe, expect, test } from "vitest";
import type { Lease } from "../../balancer/balancer.ts";
import { noRetry } from "../../balancer/retries/retry-policy.ts";
import { bouncedHeader } from "../../bounce.ts";
import { OrcaLoadReportSchema } from "../../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import type { LoadReport } from "../../load-report.ts";
import { loadReportHeader, toOrca } from "../../orca.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { ReportReader } from "../sessions/read-report.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionPool } from "../sessions/session-pool.ts";
import { Activity } from "../upstream/activity.ts";
import { Place } from "../upstream/place.ts";
import { Attempt } from "./attempt.ts";
import type { Call } from "./call.ts";

/** An attempt and its stream, of which the test is the server, and what its lease is told. */
function setUp(mayBounce = 0) {
  const told: { readonly report: LoadReport | undefined; readonly atMs: number }[] = [];
  const clock = manualClock();
  const server = Object.assign(new PassThrough({ highWaterMark: 2 ** 20 }), { close() {} });
  const session = { keepsPlaces: true, maxHeaderListBytes: Infinity, request: () => server, isBeyondGoaway: () => false, release() {} };
  const lease = { responded: (report: LoadReport | undefined, atMs: number) => told.push({ report, atMs }) };
  const pool = { address: "10.0.0.1:80", reports: new ReportReader() };
  const place = new Place(lease as unknown as Lease, session as unknown as Session, pool as unknown as SessionPool, new Activity());
  const call = { signal: new AbortController().signal, rules: { retry: noRetry } } as Call;
  const attempt = new Attempt({ call, place, number: 1, previous: 0, repeatReason: undefined, mayBounce, clock });
  const stream = attempt.open([], false);
  const failures: string[] = [];
  const heard: string[] = [];
  const hear = (event: string) => () => heard.push(event);
  stream.readBy({
    onHeaders: hear("headers"),
    onTrailers: hear("trailers"),
    onReadable: hear("readable"),
    onFailed: ({ message }) => failures.push(message),
  });
  return { attempt, stream, server, clock, told, failures, heard };
}

const reporting = (report: LoadReport) => ({ [loadReportHeader]: base64Encode(toBinary(OrcaLoadReportSchema, toOrca(report))) });
const idle: LoadReport = { requestsPerSecond: 1, errorsPerSecond: 0, utilization: 0.5, inFlight: 0 };
const busy: LoadReport = { ...idle, inFlight: 9 };

async function* once<T>(value: T): AsyncGenerator<T, undefined> {
  yield value;
  return undefined;
}

/** An attempt that sent so much. */
async function sent(bytes: number) {
  const { attempt, stream } = setUp(2);
  stream.send(once(new Uint8Array(bytes)));
  await new Promise((resolve) => setImmediate(resolve));
  return attempt;
}

test("an attempt may be bounced until a response begins, or until more went out than a server takes unread", async () => {
  expect((await sent(262_144)).isBounceable).toBe(true);
  expect((await sent(262_145)).isBounceable).toBe(false);
  const { attempt, server } = setUp(1);
  server.emit("response", { ":status": 200 });
  expect(attempt.isBounceable).toBe(false);
});

test("an attempt that is bounced fails with what the server says", () => {
  const { attempt, server, failures } = setUp(1);
  server.emit("response", { ":status": 429, [bouncedHeader]: "1" });
  expect([attempt.facts.bounced, attempt.isBounceable]).toEqual([true, true]);
  expect(failures).toEqual(["[resource_exhausted] 10.0.0.1:80 is above its limit and did not take the call"]);
});

test("an attempt without a permit can't be bounced, whatever the server says", () => {
  const { attempt, server, failures } = setUp();
  expect(attempt.isBounceable).toBe(false);
  server.emit("response", { ":status": 429, [bouncedHeader]: "1" });
  expect([attempt.facts.bounced, attempt.isBounceable, failures]).toEqual([false, false, []]);
});

test("a reader that was told that there is no more hears of nothing that comes late", () => {
  const { stream, server, failures, heard } = setUp();
  stream.giveUp();
  server.emit("response", { ":status": 503 });
  server.emit("trailers", { "grpc-status": "0" });
  server.emit("end");
  expect([failures, heard]).toEqual([["[canceled] the response was given up"], []]);
});

describe("the balancer hears that the server responds", () => {
  test("with the headers, whether they report or not", () => {
    for (const [headers, report] of [
      [{}, undefined],
      [{ [loadReportHeader]: "nonsense" }, undefined],
      [reporting(idle), idle],
    ] as const) {
      const { server, clock, told } = setUp();
      clock.advance(7);
      server.emit("response", { ":status": 200, ...headers });
      expect(told).toEqual([{ report, atMs: 7 }]);
    }
  });

  test("with the trailers, if they report", () => {
    const { server, clock, told } = setUp();
    server.emit("response", { ":status": 200 });
    server.emit("trailers", { "grpc-status": "0" });
    clock.advance(9);
    server.emit("trailers", { "grpc-status": "0", ...reporting(busy) });
    expect(told.slice(1)).toEqual([{ report: busy, atMs: 9 }]);
  });
});
