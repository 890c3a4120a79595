// Spans and metrics of OpenTelemetry: a call whose server dies under it is one trace, with an attempt on each server.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { context, SpanKind } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createBalancedTransport, createClient, roundRobin } from "meshless";
import { telemetry } from "meshless/observability";
import { createHealthReporter, protect } from "meshless/server-hooks";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const spans = new InMemorySpanExporter();
const prometheus = new PrometheusExporter({ preventServerStart: true });
const otel = telemetry({
  tracerProvider: new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }),
  meterProvider: new MeterProvider({ readers: [prometheus] }),
  propagator: new W3CTraceContextPropagator(),
});

async function startServer(echo: (text: string) => string) {
  const routes = (router: ConnectRouter) => router.service(EchoService, { echo: ({ text }) => ({ text: echo(text) }) });
  const server = protect(createHttp2Server(createHealthReporter().handler({ routes, interceptors: [otel.serverInterceptor] })));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const good = await startServer((text) => text);
const connections = new Set<ServerHttp2Session>();
const bad = await startServer((text) => {
  for (const connection of connections) connection.destroy();
  return text;
});
bad.server.on("session", (connection) => connections.add(connection));

const target = `static:///${bad.address},${good.address}`;
const transport = createBalancedTransport(target, { telemetry: otel, policy: roundRobin() });
const client = createClient(EchoService, transport);
const answers = [await client.echo({ text: "hello" }), await client.echo({ text: "hello" })];
assert.deepEqual(
  answers.map(({ text }) => text),
  ["hello", "hello"],
);

const metricsServer = createServer((request, response) => prometheus.getMetricsRequestHandler(request, response));
metricsServer.listen(0, "127.0.0.1");
await once(metricsServer, "listening");
const text = await (await fetch(`http://127.0.0.1:${(metricsServer.address() as AddressInfo).port}/metrics`)).text();
const attempts = text.split("\n").filter((line) => /^meshless_attempts_total|^grpc_client_call_retries_sum/.test(line));
console.log(attempts.join("\n"));
assert(attempts.some((line) => line.includes('meshless_outcome="failure"')));

function show(span: ReadableSpan, indent = ""): void {
  const { "server.address": address, "server.port": port, "meshless.outcome": outcome = "" } = span.attributes;
  console.log(`${indent}${SpanKind[span.kind]} ${span.name} ${port === undefined ? "" : `${address}:${port}`} ${outcome}`);
  for (const child of spans.getFinishedSpans())
    if (child.parentSpanContext?.spanId === span.spanContext().spanId) show(child, `${indent}  `);
}
for (const span of spans.getFinishedSpans()) if (span.parentSpanContext === undefined) show(span);

await transport.close();
metricsServer.close();
good.server.close();
bad.server.close();
