import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { encodeBinaryHeader } from "@connectrpc/connect";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OrcaLoadReportSchema } from "../../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import { ReportReader } from "./read-report.ts";

function encode(init: MessageInitShape<typeof OrcaLoadReportSchema>): string {
  return encodeBinaryHeader(create(OrcaLoadReportSchema, init), OrcaLoadReportSchema);
}

const full = encode({
  applicationUtilization: 0.4,
  rpsFractional: 12.5,
  eps: 0.5,
  cpuUtilization: 0.9,
  namedMetrics: { in_flight: 3, event_loop_delay_ms: 1.5, draining: 1, warm_up: 0.2, custom: 7 },
});

describe("a report reader", () => {
  test("reads what balancing uses", () => {
    expect(new ReportReader().read(full)).toEqual({
      utilization: 0.4,
      requestsPerSecond: 12.5,
      errorsPerSecond: 0.5,
      inFlight: 3,
      eventLoopDelayMs: 1.5,
      draining: true,
      warmUp: 0.2,
    });
  });

  test("takes CPU and named utilization for nothing else", () => {
    expect(new ReportReader().read(encode({ cpuUtilization: 0.9, utilization: { disk: 0.8 } }))).toEqual({
      utilization: 0,
      requestsPerSecond: 0,
      errorsPerSecond: 0,
    });
  });

  test("decodes the same text once", () => {
    const reader = new ReportReader();
    const first = reader.read(full);
    expect(reader.read(full)).toBe(first);
    expect(reader.read(encode({ eps: 1 }))).toMatchObject({ errorsPerSecond: 1 });
    expect(reader.read(full)).toEqual(first);
  });

  test("accepts padding", () => {
    const bytes = toBinary(OrcaLoadReportSchema, create(OrcaLoadReportSchema, { eps: 2, rps: 1n }));
    const padded = Buffer.from(bytes).toString("base64");
    expect(padded).toMatch(/[^=]=+$/);
    expect(new ReportReader().read(padded)).toMatchObject({ errorsPerSecond: 2 });
  });

  test("the first of several values counts", () => {
    const [one, two] = [encode({ eps: 1 }), encode({ eps: 2 })];
    for (const values of [[one, two], `${one}, ${two}`, `${one},${two}`, [one]]) {
      expect(new ReportReader().read(values)).toMatchObject({ errorsPerSecond: 1 });
    }
  });

  test("no value is no report", () => {
    const reader = new ReportReader();
    expect([reader.read(undefined), reader.read([])]).toEqual([undefined, undefined]);
  });

  const metrics = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]));

  test.each([
    ["empty", ""],
    ["bad base64", "%%%"],
    ["bad protobuf", "////"],
    ["the JSON form of another header", 'JSON {"eps":1}'],
    ["17 named metrics", encode({ namedMetrics: metrics(17) })],
    ["more than 1 KiB", encode({ namedMetrics: { ["x".repeat(1024)]: 1 } })],
    ["a small one in endless space", full.padStart(1_000_000)],
  ])("ignores what is malformed or too large, each time it comes: %s", (_, text) => {
    const reader = new ReportReader();
    expect([reader.read(text), reader.read(text)]).toEqual([undefined, undefined]);
    expect(reader.read(full)).toBeDefined();
  });

  test("16 named metrics and exactly 1 KiB are within bounds", () => {
    expect(new ReportReader().read(encode({ namedMetrics: metrics(16) }))).toBeDefined();
    const overhead = toBinary(OrcaLoadReportSchema, create(OrcaLoadReportSchema, { namedMetrics: { ["x".repeat(900)]: 1 } })).length - 900;
    const name = "x".repeat(1024 - overhead);
    expect(new ReportReader().read(encode({ namedMetrics: { [name]: 1 } }))).toBeDefined();
    expect(new ReportReader().read(encode({ namedMetrics: { [`${name}x`]: 1 } }))).toBeUndefined();
  });

  test("names that objects inherit are metrics like any other", () => {
    const text = encode({ namedMetrics: { ["__proto__"]: 1, constructor: 2, toString: 3 } });
    expect(new ReportReader().read(text)).toEqual({ utilization: 0, requestsPerSecond: 0, errorsPerSecond: 0 });
  });

  test("never throws, whatever a server sends", () => {
    const binary = fc.uint8Array({ maxLength: 1_200 }).map((bytes) => Buffer.from(bytes).toString("base64"));
    const mutated = fc
      .tuple(fc.nat(full.length - 1), fc.string({ maxLength: 4 }))
      .map(([at, text]) => full.slice(0, at) + text + full.slice(at + 1));
    const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.base64String(), binary, mutated);
    const reader = new ReportReader();
    fc.assert(
      fc.property(fc.oneof(text, fc.array(text), fc.constant(undefined)), (value) => {
        const report = reader.read(value);
        if (report !== undefined) expect(report.utilization).toBeTypeOf("number");
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});
