import { create, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { OrcaLoadReportSchema } from "../../src/gen/xds/data/orca/v3/orca_load_report_pb.ts";
import type { LoadReport } from "../../src/index.ts";
import { loadReportHeader } from "../../src/orca.ts";
import { ResetCode } from "../../src/transport/sessions/reset-code.ts";
import { readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { answerEcho, envelope } from "../support/echo-wire.ts";
import { preferring } from "../support/preferring.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { use } from "../support/use.ts";

const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const manyMetrics = create(OrcaLoadReportSchema, { namedMetrics: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`m${n}`, n])) });
const good = encode(toBinary(OrcaLoadReportSchema, create(OrcaLoadReportSchema, { applicationUtilization: 0.5 })));
const absurd = create(OrcaLoadReportSchema, { applicationUtilization: Number.NaN, eps: -5, rpsFractional: Number.POSITIVE_INFINITY });

/** What a server sends, and what of it reaches the policy. */
const cases: readonly (readonly [string, string | readonly string[], Partial<LoadReport> | undefined])[] = [
  ["no base64", "*".repeat(100), undefined],
  ["random bytes", encode(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07])), undefined],
  ["10 kB", "A".repeat(10_000), undefined],
  ["17 named metrics", encode(toBinary(OrcaLoadReportSchema, manyMetrics)), undefined],
  ["groups within groups", encode(Buffer.alloc(1_000, 0x0b)), undefined],
  ["an empty value", "", undefined],
  ["100 reports in one response", Array.from({ length: 100 }, () => good), { utilization: 0.5 }],
  [
    "numbers that make no sense",
    encode(toBinary(OrcaLoadReportSchema, absurd)),
    { utilization: 0, errorsPerSecond: 0, requestsPerSecond: 1_000_000 },
  ],
];

it.each(cases)("a report of %s does not disturb the call that it comes with", async (_what, value, expected) => {
  const server = use(
    await startRawHttp2Server({
      onRequestEnd(stream) {
        stream.sendHeaders({ ":status": "200", "content-type": "application/proto", [loadReportHeader]: value });
        stream.sendData(Buffer.from([0x0a, 1, 0x61]), "end");
      },
    }),
  );
  const reports: LoadReport[] = [];
  const { client } = await readyClient(staticTarget(server), {
    policy: (env) => ({ ...preferring(server)(env), onReport: (_member, report) => reports.push(report) }),
  });
  for (let n = 0; n < 10; n++) expect(await client.update({})).toMatchObject({ text: "a" });
  if (expected === undefined) expect(reports).toEqual([]);
  else expect(reports[0]).toMatchObject(expected);
});

/** The same, on a stream of its own. */
const streamed: readonly (readonly [string, Uint8Array, Partial<LoadReport> | undefined])[] = [
  ["no gRPC", Buffer.from("<html>no such thing</html>"), undefined],
  ["a compressed message", envelope(1, Buffer.from(good, "base64")), undefined],
  ["a message of 4 GiB", Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), undefined],
  ["1,025 bytes", envelope(0, Buffer.alloc(1_025)), undefined],
  ["random bytes", envelope(0, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07])), undefined],
  ["17 named metrics", envelope(0, toBinary(OrcaLoadReportSchema, manyMetrics)), undefined],
  [
    "numbers that make no sense",
    envelope(0, toBinary(OrcaLoadReportSchema, absurd)),
    { utilization: 0, errorsPerSecond: 0, requestsPerSecond: 1_000_000 },
  ],
];

/** A server that answers the first stream, which is for reports, with these bytes, and then calls. */
async function startReporter(bytes: readonly Uint8Array[]) {
  return use(
    await startRawHttp2Server({
      onRequestEnd(stream) {
        if (stream.id !== 1) return answerEcho(stream, "a");
        stream.sendHeaders({ ":status": "200", "content-type": "application/grpc" });
        for (const data of bytes) stream.sendData(data);
      },
    }),
  );
}

it.each(streamed)("a stream of reports with %s does not disturb calls beside it", async (_what, bytes, expected) => {
  const server = await startReporter([bytes]);
  const reports: LoadReport[] = [];
  const { client } = await readyClient(staticTarget(server), {
    reportIntervalMs: 1_000,
    policy: (env) => ({ ...preferring(server)(env), onReport: (_member, report) => reports.push(report) }),
  });
  for (let n = 0; n < 10; n++) expect(await client.update({})).toMatchObject({ text: "a" });
  if (expected === undefined) expect(reports).toEqual([]);
  else expect(reports[0]).toMatchObject(expected);
  expect(server.connections).toHaveLength(1);
});

it("a stream that floods its client with reports is cancelled after a hundred, and calls beside it go on", async () => {
  const report = envelope(0, Buffer.from(good, "base64"));
  const server = await startReporter(Array.from({ length: 5_000 }, () => report));
  let reports = 0;
  const { client } = await readyClient(staticTarget(server), {
    reportIntervalMs: 100,
    policy: (env) => ({ ...preferring(server)(env), onReport: () => void reports++ }),
  });
  await server.until(() => server.streams()[0]?.resetCode === ResetCode.CANCEL);
  expect(reports).toBeGreaterThan(0);
  expect(reports).toBeLessThanOrEqual(110);
  for (let n = 0; n < 10; n++) expect(await client.update({})).toMatchObject({ text: "a" });
  expect(server.connections).toHaveLength(1);
});
