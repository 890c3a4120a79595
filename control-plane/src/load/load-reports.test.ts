import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { manualClock } from "meshless/testing";
import { expect, test } from "vitest";
import { eventually } from "../../../test/support/until.ts";
import { use } from "../../../test/support/use.ts";
import type { ControlPlaneOptions } from "../control-plane-options.ts";
import { createControlPlane } from "../create-control-plane.ts";
import type { ClusterStatsSchema } from "../gen/envoy/config/endpoint/v3/load_report_pb.ts";
import { LoadReportingService, type LoadStatsRequest, LoadStatsRequestSchema } from "../gen/envoy/service/load_stats/v3/lrs_pb.ts";
import { memoryRegistry } from "../registry/memory-registry.ts";

async function listening(options: Partial<ControlPlaneOptions> = {}) {
  const controlPlane = use(createControlPlane({ registry: memoryRegistry({ "a.b:80": {}, "c.d:80": {} }), ...options }));
  const port = await controlPlane.listen("127.0.0.1:0");
  const admin = await controlPlane.listenAdmin("127.0.0.1:0");
  const client = createClient(LoadReportingService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` }));
  /** Values of the metrics of load, by what is behind `load_`. */
  const metrics = async () => {
    const text = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
    const lines = text.matchAll(/^meshless_control_plane_load_(\w+?)_total\{(.*?)\} (\S+)$/gm);
    return Object.fromEntries(
      [...lines].map(([, name, labels = "", value]) => [`${name} ${labels.replace(/,?otel_scope_\w+="[^"]*"/g, "")}`, Number(value)]),
    );
  };
  /** Reports once, and ends the stream. Resolves when the server has ended it as well. */
  const report = async (...clusterStats: readonly MessageInitShape<typeof ClusterStatsSchema>[]) => {
    const requests = async function* (): AsyncGenerator<LoadStatsRequest> {
      yield create(LoadStatsRequestSchema, { node: { id: "n" } });
      yield create(LoadStatsRequestSchema, { clusterStats: [...clusterStats] });
    };
    return Array.fromAsync(client.streamLoadStats(requests()));
  };
  return { controlPlane, client, metrics, report };
}

const locality = (zone: string, succeeded: bigint, failed = 0n) => ({
  locality: { region: "r", zone },
  totalIssuedRequests: succeeded + failed,
  totalSuccessfulRequests: succeeded,
  totalErrorRequests: failed,
});

test("clients are told how often to report, and of everything", async () => {
  const { report } = await listening({ loadReportIntervalMs: 2_500 });
  expect(await report()).toMatchObject([{ sendAllClusters: true, loadReportingInterval: { seconds: 2n, nanos: 500_000_000 } }]);
});

test("calls add up by service and locality, whichever client reports them, and by whichever cluster", async () => {
  const { report, metrics } = await listening();
  await report({ clusterName: "a.b:80", upstreamLocalityStats: [locality("a", 10n, 2n), locality("b", 5n)], totalDroppedRequests: 3n });
  await report({ clusterName: "upstream", clusterServiceName: "a.b:80/own", upstreamLocalityStats: [locality("a", 1n)] });
  expect(await metrics()).toMatchObject({
    'calls service="a.b:80",region="r",zone="a",outcome="issued"': 13,
    'calls service="a.b:80",region="r",zone="a",outcome="succeeded"': 11,
    'calls service="a.b:80",region="r",zone="a",outcome="failed"': 2,
    'calls service="a.b:80",region="r",zone="b",outcome="succeeded"': 5,
    'dropped service="a.b:80"': 3,
    "reports ": 2,
  });
});

test("what clients make up counts as one, and no report for more than a billion calls", async () => {
  const { report, metrics } = await listening();
  const made = Array.from({ length: 500 }, (_, index) => ({
    clusterName: `x${index}`,
    upstreamLocalityStats: [locality(`z${index}`, 1n)],
  }));
  await report(...made, {
    clusterName: "a.b:80",
    upstreamLocalityStats: Array.from({ length: 500 }, (_, index) => locality(`z${index}`, 2n ** 63n)),
  });
  const series = await metrics();
  expect(series['calls service="other",region="other",zone="other",outcome="succeeded"']).toBe(500);
  expect(series['calls service="a.b:80",region="r",zone="z0",outcome="succeeded"']).toBe(1e9);
  expect(Object.keys(series).filter((name) => name.startsWith('calls service="a.b:80"') && name.includes("succeeded"))).toHaveLength(65);
});

test("streams end when they are old, and when the control plane drains; there is room for so many", async () => {
  const clock = manualClock();
  const { client, controlPlane } = await listening({ clock, random: () => 0, limits: { maxAgeMs: 1_000, maxStreams: 2 } });
  const open = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const requests = async function* (): AsyncGenerator<LoadStatsRequest> {
      yield create(LoadStatsRequestSchema);
      await promise;
    };
    const responses = client.streamLoadStats(requests())[Symbol.asyncIterator]();
    return { first: responses.next(), end: () => responses.next().finally(resolve) };
  };
  const [one, other] = [open(), open()];
  await Promise.all([one.first, other.first]);
  await expect(open().first).rejects.toThrow(/resource_exhausted.*2 reporting clients/);
  clock.advance(1_000);
  expect(await Promise.all([one.end(), other.end()])).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
  const last = open();
  await last.first;
  const drained = controlPlane.drain(10);
  expect((await last.end()).done).toBe(true);
  await eventually(() => clock.pending > 0);
  clock.advance(2_000);
  await drained;
});
