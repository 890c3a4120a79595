import { readFileSync } from "node:fs";
import * as semconv from "@opentelemetry/semantic-conventions";
import { expect, test } from "vitest";
import { labels, metricCatalogue } from "./metric-catalogue.ts";

const stable = new Set<unknown>(Object.values(semconv));
const isTheirs = (name: string) => /^(rpc|server|error|network)\./.test(name);

test.each(Object.keys(metricCatalogue).filter(isTheirs))("%s is a metric of OpenTelemetry's conventions", (name) => {
  expect(stable.has(name)).toBe(true);
});

test.each(Object.keys(labels).filter(isTheirs))("%s is an attribute of OpenTelemetry's conventions", (name) => {
  expect(stable.has(name)).toBe(true);
});

test.each(["rpc.client.call.duration", "rpc.server.call.duration"] as const)("%s is a histogram in seconds", (name) => {
  expect(metricCatalogue[name]).toMatchObject({ kind: "histogram", unit: "s" });
});

test("the attributes that spans have beside labels are OpenTelemetry's own, or begin with meshless", () => {
  const sources = ["client-spans.ts", "server-interceptor.ts"].map((file) => readFileSync(`src/observability/${file}`, "utf8"));
  const names = sources.flatMap((source) => [...source.matchAll(/"([a-z]+(?:\.[a-z_]+)+)"/g)].map(([, name]) => name as string));
  const others = names.filter((name) => !name.startsWith("meshless.") && !(name in metricCatalogue) && !name.startsWith("grpc."));
  expect(others).toContain("network.peer.address");
  expect(others.filter((name) => !stable.has(name))).toEqual([]);
});
