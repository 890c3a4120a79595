import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { rooms } from "../../scripts/arrows.ts";
import { checkArrows } from "../../scripts/check-arrows.ts";

/** A house in small, in which every room imports all that it may. */
const house: Readonly<Record<string, string>> = {
  "src/clock.ts": "",
  "src/endpoint.ts": `import type { Clock } from "./clock.ts";`,
  "src/orca.ts": `import { fromBinary } from "@bufbuild/protobuf"; import "./gen/orca_pb.ts"; import "./clock.ts";`,
  "src/gen/orca_pb.ts": `import { fileDesc } from "@bufbuild/protobuf/codegenv2";`,
  "src/balancer/policies/ring-hash.ts": `import type { Endpoint } from "../../endpoint.ts"; import { pick } from "../balancer.ts";`,
  "src/balancer/balancer.ts": `import { systemClock } from "../clock.ts";`,
  "src/balancer/balancer.test.ts": `import { test } from "vitest"; import { manualClock } from "../testing/manual-clock.ts";`,
  "src/discovery/dns-source.ts": `import { lookup } from "node:dns/promises"; import "../endpoint.ts"; import "../gen/orca_pb.ts";`,
  "src/server-hooks/guarded.ts": `import { Code } from "@connectrpc/connect"; import http2 from "node:http2"; import "../orca.ts";`,
  "src/transport/balanced-transport.ts": `import "./authority.ts"; import "./calls/call-loop.ts"; import "./upstream/upstream.ts";
    import "./events/event-hub.ts"; import "../notice.ts"; import type { Transport } from "@connectrpc/connect"; import "./unary/unary-calls.ts";
    import "./streams/stream-calls.ts";`,
  "src/transport/connect/exchange.ts": `import "./call-hints.ts"; import "../calls/call-loop.ts"; import "../upstream/upstream.ts"; import "node:http2";
    import "../../balancer/balancer.ts"; import "../../clock.ts"; import "../../gen/orca_pb.ts"; import "@bufbuild/protobuf";
    import "@connectrpc/connect/protocol"; import "@connectrpc/connect-node";`,
  "src/transport/streams/stream-calls.ts": `import "./call-messages.ts"; import "../unary/call-scope.ts"; import "../connect/call-hints.ts";
    import "../calls/call-loop.ts"; import "node:http2"; import "../../clock.ts"; import "@bufbuild/protobuf"; import "@connectrpc/connect/protocol";`,
  "src/transport/unary/unary-calls.ts": `import "./call-scope.ts"; import "../connect/exchange.ts"; import "../calls/call-loop.ts"; import "node:http2";
    import "../../balancer/balancer.ts"; import "../../clock.ts"; import "@bufbuild/protobuf"; import "@connectrpc/connect/protocol";`,
  "src/transport/calls/call-loop.ts": `import "./attempt.ts"; import "../upstream/upstream.ts"; import "../sessions/session.ts"; import "node:http2";
    import "../../balancer/balancer.ts"; import "../../clock.ts"; import { Code } from "@connectrpc/connect";`,
  "src/transport/upstream/upstream.ts": `import "./place.ts"; import "../events/event-hub.ts"; import "../sessions/session.ts"; import "../tls/der.ts";
    import "../../balancer/balancer.ts"; import type { Watch } from "../../discovery/dns-source.ts"; import "../../clock.ts"; import "../../orca.ts";
    import "node:http2";`,
  "src/transport/events/event-hub.ts": `import "./x.ts"; import "../../balancer/balancer.ts"; import "../../clock.ts"; import "node:diagnostics_channel";`,
  "src/transport/sessions/session.ts": `import "./dial.ts"; import "../tls/der.ts"; import "../../balancer/balancer.ts"; import "../../clock.ts";
    import "../../orca.ts"; import "../../gen/orca_pb.ts"; import "node:http2"; import "@bufbuild/protobuf";`,
  "src/transport/tls/der.ts": `import "./x.ts"; import "../../clock.ts"; import "node:tls";`,
  "src/testing/manual-clock.ts": `import "../clock.ts"; import type { Watch } from "../discovery/dns-source.ts";`,
  "src/observability/telemetry.ts": `import "../transport/balanced-transport.ts"; import "../transport/calls/call-loop.ts"; import "../clock.ts";
    import "../transport/events/event-hub.ts"; import "../balancer/balancer.ts"; import "../server-hooks/guarded.ts"; import "@opentelemetry/api";
    import { Code } from "@connectrpc/connect";`,
  "src/debug/debug-snapshot.ts": `import "../transport/balanced-transport.ts"; import "../transport/events/event-hub.ts"; import "../balancer/balancer.ts";
    import "../transport/calls/call-loop.ts"; import "../transport/upstream/upstream.ts"; import "../clock.ts"; import "node:http";`,
  "page/src/main.tsx": `import "./page.css"; import type { A } from "../../src/debug/debug-snapshot.ts"; import { render } from "preact"; import "preact/hooks";
    import "@preact/signals"; import uPlot from "uplot"; import "uplot/dist/uPlot.min.css";`,
  "src/create-balanced-transport.ts": `import "./transport/connect/exchange.ts"; import "./discovery/dns-source.ts"; import "./clock.ts";`,
  "src/index.ts": `export { createBalancedTransport } from "./create-balanced-transport.ts";`,
  "demo/main.ts": `import { createBalancedTransport } from "meshless"; import "./fleet.ts"; import "../test/gen/echo_pb.ts"; import "node:util";`,
  "demo/fleet.ts": `import { createServer } from "node:http2"; import { healthReporting } from "meshless/server-hooks";`,
  "simulator/src/call.ts": `import { groundForRetry } from "meshless/balancer"; import "./visit.ts"; await import(fleet); import "yaml";`,
  "simulator/src/visit.ts": `import { manualClock } from "meshless/testing"; import "node:fs"; import "d3-scale";`,
  "control-plane/src/resource.ts": `import { create } from "@bufbuild/protobuf"; import "node:crypto";`,
  "control-plane/src/gen/cds_pb.ts": `import { fileDesc } from "@bufbuild/protobuf/codegenv2";`,
  "control-plane/src/clock.ts": `import "meshless/discovery";`,
  "kubernetes/src/reflector/reflector.ts": `import "meshless/discovery"; import "node:util";`,
  "kubernetes/src/services/watch.ts": `import "../reflector/reflector.ts"; import "meshless/discovery"; import type { Endpoint } from "meshless";`,
  "kubernetes/src/kubeconfig.ts": `import "./services/watch.ts"; import "./reflector/reflector.ts"; await import("@kubernetes/client-node");`,
  "control-plane/src/files/document.ts": `import "yaml"; import "zod"; import "node:fs"; import "meshless/discovery";`,
  "control-plane/src/registry/file.ts": `import "../resource.ts"; import "../files/document.ts"; import "zod"; import "meshless/discovery";
    import "meshless-kubernetes"; import "meshless-kubernetes/reflector"; import "yaml";`,
  "control-plane/src/access/list.ts": `import "../files/document.ts"; import "zod"; import "meshless/server-hooks";`,
  "control-plane/src/snapshot/catalog.ts": `import "../resource.ts"; import "../gen/cds_pb.ts"; import "node:net"; import "meshless/discovery";`,
  "control-plane/src/xds/host.ts": `import "../resource.ts"; import "../gen/cds_pb.ts"; import { Code } from "@connectrpc/connect";`,
  "control-plane/src/load/reports.ts": `import "../xds/host.ts"; import "../gen/cds_pb.ts"; import { Code } from "@connectrpc/connect";`,
  "control-plane/src/server/server.ts": `import "../xds/host.ts"; import "../access/list.ts"; import "../files/document.ts"; import "@connectrpc/connect-node"; import "meshless/server-hooks";`,
  "control-plane/src/admin/metrics.ts": `import "../xds/host.ts"; import "@opentelemetry/api"; import "@connectrpc/connect-node"; import "../gen/cds_pb.ts";`,
  "control-plane/src/cli.ts": `import "./snapshot/catalog.ts"; import "./registry/file.ts"; import "./server/server.ts"; import "pino"; import "commander";`,
  "cli/src/cli.ts": `import "./run-cli.ts"; import { createBalancedTransport } from "meshless"; import "meshless/balancer"; import "commander";
    import type { DebugSnapshot } from "meshless/debug"; await import("meshless-control-plane"); import "node:http2";`,
  "test/gen/echo_pb.ts": "",
  "test/transport/matrix.test.ts": `import { createBalancedTransport } from "../../src/index.ts";`,
};

/** What the check says of the house after a change. */
function violationsWith(change: Readonly<Record<string, string>>): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), "arrows-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, source] of Object.entries({ ...house, ...change })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), source);
  }
  return checkArrows(root).violations;
}

test("lets every room import all that it may", () => {
  expect(violationsWith({})).toEqual([]);
});

const forbidden: readonly (readonly [room: string, from: string, imports: string, to: string])[] = [
  ["leaves", "src/clock.ts", `import { pick } from "./balancer/balancer.ts"`, "/src/balancer/balancer.ts"],
  ["leaves", "src/clock.ts", `import { hrtime } from "node:process"`, "node:process"],
  ["leaves", "src/clock.ts", `import "./index.ts"`, "/src/index.ts"],
  ["leaves", "src/endpoint.ts", `import "./orca.ts"`, "/src/orca.ts"],
  ["codecs", "src/orca.ts", `import "./balancer/balancer.ts"`, "/src/balancer/balancer.ts"],
  ["gen", "src/gen/orca_pb.ts", `import "../endpoint.ts"`, "/src/endpoint.ts"],
  ["balancer", "src/balancer/x.ts", `import { lookup } from "../discovery/dns-source.ts"`, "/src/discovery/dns-source.ts"],
  ["balancer", "src/balancer/x.ts", `import type { A } from "../discovery/dns-source.ts"`, "/src/discovery/dns-source.ts"],
  ["balancer", "src/balancer/x.ts", `import { type A } from "../transport/calls/call-loop.ts"`, "/src/transport/calls/call-loop.ts"],
  ["balancer", "src/balancer/x.ts", `export type { A } from "../gen/orca_pb.ts"`, "/src/gen/orca_pb.ts"],
  ["balancer", "src/balancer/x.ts", `export * from "../index.ts"`, "/src/index.ts"],
  ["balancer", "src/balancer/policies/x.ts", `const fs = await import("node:fs")`, "node:fs"],
  ["balancer", "src/balancer/policies/x.ts", `await import("node:" + name)`, `import("node:" + name)`],
  ["balancer", "src/balancer/x.ts", `import type { Code } from "@connectrpc/connect"`, "@connectrpc/connect"],
  ["balancer", "src/balancer/x.ts", `import type { Watch } from "meshless/discovery"`, "meshless/discovery"],
  ["balancer", "src/balancer/x.ts", `import { manualClock } from "../testing/manual-clock.ts"`, "/src/testing/manual-clock.ts"],
  ["discovery", "src/discovery/x.ts", `import type { A } from "../balancer/balancer.ts"`, "/src/balancer/balancer.ts"],
  ["discovery", "src/discovery/x.ts", `import { Code } from "@connectrpc/connect"`, "@connectrpc/connect"],
  ["server-hooks", "src/server-hooks/x.ts", `import "../transport/calls/call-loop.ts"`, "/src/transport/calls/call-loop.ts"],
  ["server-hooks", "src/server-hooks/x.ts", `import pino from "pino"`, "pino"],
  ["transport", "src/transport/x.ts", `import "../server-hooks/guarded.ts"`, "/src/server-hooks/guarded.ts"],
  ["transport", "src/transport/x.ts", `import "../create-balanced-transport.ts"`, "/src/create-balanced-transport.ts"],
  ["transport", "src/transport/x.ts", `import "./sessions/session.ts"`, "/src/transport/sessions/session.ts"],
  ["transport/streams", "src/transport/streams/x.ts", `import "../upstream/upstream.ts"`, "/src/transport/upstream/upstream.ts"],
  ["transport/unary", "src/transport/unary/x.ts", `import "../streams/stream-calls.ts"`, "/src/transport/streams/stream-calls.ts"],
  ["transport/unary", "src/transport/unary/x.ts", `import "../upstream/upstream.ts"`, "/src/transport/upstream/upstream.ts"],
  ["transport/connect", "src/transport/connect/x.ts", `import "../unary/unary-calls.ts"`, "/src/transport/unary/unary-calls.ts"],
  ["transport/connect", "src/transport/connect/x.ts", `import "../balanced-transport.ts"`, "/src/transport/balanced-transport.ts"],
  ["transport/connect", "src/transport/connect/x.ts", `import "../sessions/session.ts"`, "/src/transport/sessions/session.ts"],
  ["transport/calls", "src/transport/calls/x.ts", `import "../connect/exchange.ts"`, "/src/transport/connect/exchange.ts"],
  ["transport/calls", "src/transport/calls/x.ts", `import "@connectrpc/connect-node"`, "@connectrpc/connect-node"],
  ["transport/upstream", "src/transport/upstream/x.ts", `import "../calls/call-loop.ts"`, "/src/transport/calls/call-loop.ts"],
  ["transport/upstream", "src/transport/upstream/x.ts", `import type { Code } from "@connectrpc/connect"`, "@connectrpc/connect"],
  ["transport/events", "src/transport/events/x.ts", `import "../upstream/upstream.ts"`, "/src/transport/upstream/upstream.ts"],
  ["transport/sessions", "src/transport/sessions/x.ts", `import "../upstream/upstream.ts"`, "/src/transport/upstream/upstream.ts"],
  ["transport/sessions", "src/transport/sessions/x.ts", `import { Code } from "@connectrpc/connect"`, "@connectrpc/connect"],
  ["transport/tls", "src/transport/tls/x.ts", `import "../sessions/session.ts"`, "/src/transport/sessions/session.ts"],
  ["observability", "src/observability/x.ts", `import "../transport/upstream/upstream.ts"`, "/src/transport/upstream/upstream.ts"],
  ["observability", "src/observability/x.ts", `import "@opentelemetry/sdk-metrics"`, "@opentelemetry/sdk-metrics"],
  ["debug", "src/debug/x.ts", `import "../create-balanced-transport.ts"`, "/src/create-balanced-transport.ts"],
  ["debug", "src/debug/x.ts", `import "../transport/sessions/session.ts"`, "/src/transport/sessions/session.ts"],
  ["page", "page/src/x.tsx", `import "../../src/debug/debug-server.ts"`, "/src/debug/debug-server.ts"],
  ["page", "page/src/x.tsx", `import "react"`, "react"],
  ["testing", "src/testing/x.ts", `import type { A } from "../transport/calls/call-loop.ts"`, "/src/transport/calls/call-loop.ts"],
  ["wiring", "src/balanced.ts", `import "./testing/manual-clock.ts"`, "/src/testing/manual-clock.ts"],
  ["simulator", "simulator/src/x.ts", `import { systemClock } from "../../src/clock.ts"`, "/src/clock.ts"],
  ["simulator", "simulator/src/x.ts", `import { createBalancedTransport } from "meshless"`, "meshless"],
  ["cli", "cli/src/x.ts", `import { systemClock } from "../../src/clock.ts"`, "/src/clock.ts"],
  ["cli", "cli/src/x.ts", `import "@connectrpc/connect"`, "@connectrpc/connect"],
  ["simulator", "simulator/src/x.ts", `await import("pino")`, "pino"],
  ["control-plane leaves", "control-plane/src/resource.ts", `import "./xds/host.ts"`, "/control-plane/src/xds/host.ts"],
  ["control-plane gen", "control-plane/src/gen/x_pb.ts", `import "../resource.ts"`, "/control-plane/src/resource.ts"],
  ["kubernetes reflector", "kubernetes/src/reflector/x.ts", `import "../services/watch.ts"`, "/kubernetes/src/services/watch.ts"],
  ["kubernetes reflector", "kubernetes/src/reflector/x.ts", `import "@kubernetes/client-node"`, "@kubernetes/client-node"],
  ["kubernetes services", "kubernetes/src/services/x.ts", `import "../kubeconfig.ts"`, "/kubernetes/src/kubeconfig.ts"],
  ["kubernetes", "kubernetes/src/x.ts", `import "../../src/clock.ts"`, "/src/clock.ts"],
  [
    "control-plane registry",
    "control-plane/src/registry/x.ts",
    `import "../snapshot/catalog.ts"`,
    "/control-plane/src/snapshot/catalog.ts",
  ],
  ["control-plane registry", "control-plane/src/registry/x.ts", `import "../gen/cds_pb.ts"`, "/control-plane/src/gen/cds_pb.ts"],
  ["control-plane files", "control-plane/src/files/x.ts", `import "../registry/file.ts"`, "/control-plane/src/registry/file.ts"],
  ["control-plane access", "control-plane/src/access/x.ts", `import "../xds/host.ts"`, "/control-plane/src/xds/host.ts"],
  ["control-plane load", "control-plane/src/load/x.ts", `import "../server/server.ts"`, "/control-plane/src/server/server.ts"],
  ["control-plane snapshot", "control-plane/src/snapshot/x.ts", `import "../registry/file.ts"`, "/control-plane/src/registry/file.ts"],
  ["control-plane snapshot", "control-plane/src/snapshot/x.ts", `import "../xds/host.ts"`, "/control-plane/src/xds/host.ts"],
  ["control-plane xds", "control-plane/src/xds/x.ts", `import "../snapshot/catalog.ts"`, "/control-plane/src/snapshot/catalog.ts"],
  ["control-plane xds", "control-plane/src/xds/x.ts", `import "../registry/file.ts"`, "/control-plane/src/registry/file.ts"],
  ["control-plane server", "control-plane/src/server/x.ts", `import "meshless"`, "meshless"],
  ["control-plane admin", "control-plane/src/admin/x.ts", `import "../snapshot/catalog.ts"`, "/control-plane/src/snapshot/catalog.ts"],
  ["control-plane wiring", "control-plane/src/x.ts", `import "../../src/clock.ts"`, "/src/clock.ts"],
  ["demo", "demo/x.ts", `import { systemClock } from "../src/clock.ts"`, "/src/clock.ts"],
  ["bench", "bench/x.ts", `import type { A } from "../src/endpoint.ts"`, "/src/endpoint.ts"],
  [
    "bench of pickers",
    "bench/control-plane/picker-client.ts",
    `import "../../src/transport/calls/call-loop.ts"`,
    "/src/transport/calls/call-loop.ts",
  ],
  ["bench of Kubernetes", "bench/kubernetes/x.ts", `import "../../src/clock.ts"`, "/src/clock.ts"],
  ["faults", "faults/x.ts", `import type { A } from "../src/endpoint.ts"`, "/src/endpoint.ts"],
  ["examples", "examples/a/main.ts", `import { b } from "../../dist/index.js"`, "/dist/index.js"],
  ["tests and scripts", "test/pack/x.ts", `import "../transport/matrix.test.ts"`, "/test/transport/matrix.test.ts"],
];

for (const [room, from, imports, to] of forbidden) {
  test(`${from} may not ${imports}`, () => {
    expect(violationsWith({ [from]: imports })).toEqual([`${room} may not know ${to}: /${from}`]);
  });
}

test("every room was seen red", () => {
  expect(new Set(forbidden.map(([room]) => room))).toEqual(new Set(rooms.map(({ name }) => name)));
});

test("a folder that is in no room is forbidden", () => {
  expect(violationsWith({ "src/transport/telemetry/x.ts": `import "../../clock.ts"` })).toHaveLength(1);
  const change = { "src/telemetry/x.ts": `import "../clock.ts"` };
  expect(violationsWith(change)).toEqual(["/src/telemetry/x.ts is in no room: list its folder in scripts/arrows.ts"]);
});

test("what cannot be read is not taken for good", () => {
  expect(() => violationsWith({ "src/balancer/broken.ts": "import { from;" })).toThrow("src/balancer/broken.ts");
  expect(() => checkArrows("test/arrows")).toThrow("no imports");
});

test("the project keeps its own rules", () => {
  expect(checkArrows(".").violations).toEqual([]);
});
