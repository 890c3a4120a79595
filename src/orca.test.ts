import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { OrcaLoadReportSchema } from "./gen/xds/data/orca/v3/orca_load_report_pb.ts";
import { fromOrca, toOrca } from "./orca.ts";

const quantity = fc.double({ noNaN: true });
const report = fc.record(
  {
    requestsPerSecond: quantity,
    errorsPerSecond: quantity,
    utilization: quantity,
    inFlight: quantity,
    eventLoopDelayMs: quantity,
    draining: fc.boolean(),
    warmUp: quantity,
  },
  { requiredKeys: ["requestsPerSecond", "errorsPerSecond", "utilization"] },
);

test("a report survives the wire, absent fields and all", () => {
  fc.assert(
    fc.property(report, (sent) => {
      const bytes = toBinary(OrcaLoadReportSchema, toOrca(sent));
      expect(fromOrca(fromBinary(OrcaLoadReportSchema, bytes))).toEqual(sent);
    }),
    { seed: 7 },
  );
});

test.each([
  [0.49, false],
  [0.5, true],
  [Number.NaN, false],
])("a draining metric of %d is %s", (draining, expected) => {
  expect(fromOrca(create(OrcaLoadReportSchema, { namedMetrics: { draining } })).draining).toBe(expected);
});
