import { Code, ConnectError, type Interceptor, type StreamResponse } from "@connectrpc/connect";
import { type Context, context, type Span, SpanKind, trace } from "@opentelemetry/api";
import type { Clock } from "../clock.ts";
import { isNoCall } from "../server-hooks/no-call.ts";
import { isFaultCode } from "../server-hooks/servers-fault.ts";
import type { Measuring } from "./client-metrics.ts";
import { fail, type Tracing } from "./client-spans.ts";
import { callerLeft, inContext } from "./in-context.ts";
import { grpcStatus, type RpcSystem, rpcStatusLabels } from "./status-names.ts";

export interface ServerTelemetry {
  readonly tracing: Tracing | undefined;
  readonly measuring: Measuring | undefined;
  readonly clock: Clock;
}

/** A span and measurements for each call that arrives at a handler, which runs within the span. */
export function serverInterceptor(telemetry: ServerTelemetry): Interceptor {
  return (next) => async (request) => {
    if (isNoCall(request.service)) return next(request);
    const call = new ServedCall(telemetry, `${request.service.typeName}/${request.method.name}`, request.header);
    endWithSignal(call, request.signal);
    try {
      const response = await context.with(call.context, () => next(request));
      if (!response.stream) {
        call.end(undefined);
        return response;
      }
      return { ...response, message: inContext(response.message, call.context, (error) => call.end(error)) } satisfies StreamResponse;
    } catch (error) {
      call.end(error);
      throw error;
    }
  };
}

/** Connect aborts the signal of every call at its end, of one that its caller left while the handler is at work; whatever ended by itself has told before. */
function endWithSignal(call: ServedCall, signal: AbortSignal): void {
  const end = () => call.end(signal.reason instanceof ConnectError ? signal.reason : callerLeft());
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
}

class ServedCall {
  readonly context: Context;
  readonly #telemetry: ServerTelemetry;
  readonly #system: RpcSystem;
  /** As metrics have it. */
  readonly #method: string;
  readonly #startedAtMs: number;
  readonly #span: Span | undefined;
  #isOver = false;

  constructor(telemetry: ServerTelemetry, method: string, header: Headers) {
    const { tracing, measuring, clock } = telemetry;
    this.#telemetry = telemetry;
    this.#system = /^application\/grpc/i.test(header.get("content-type") ?? "") ? "grpc" : "connectrpc";
    this.#method = measuring?.bounds.of("rpc.method", method) ?? method;
    this.#startedAtMs = clock.now();
    measuring?.instruments["grpc.server.call.started"].add(1, { "grpc.method": this.#method });
    const caller = tracing === undefined ? context.active() : tracing.propagator.extract(context.active(), header, outOfHeaders);
    const attributes = { "rpc.system.name": this.#system, "rpc.method": method };
    this.#span = tracing?.tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, caller);
    this.context = this.#span === undefined ? caller : trace.setSpan(caller, this.#span);
  }

  /** Undefined: all went well. The first call counts. */
  end(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const code = codeOf(error);
    const labels = rpcStatusLabels(this.#system, code, isFaultCode(code));
    this.#measure(code, labels);
    const span = this.#span;
    if (span?.isRecording()) {
      span.setAttributes(labels);
      if (isFaultCode(code)) fail(span, error instanceof Error ? error.message : undefined);
    }
    span?.end();
  }

  #measure(code: number, labels: ReturnType<typeof rpcStatusLabels>): void {
    const { measuring, clock } = this.#telemetry;
    if (measuring === undefined) return;
    const { instruments } = measuring;
    const seconds = (clock.now() - this.#startedAtMs) / 1_000;
    const method = this.#method;
    instruments["rpc.server.call.duration"].record(seconds, { "rpc.system.name": this.#system, "rpc.method": method, ...labels });
    instruments["grpc.server.call.duration"].record(seconds, { "grpc.method": method, "grpc.status": grpcStatus(code) });
  }
}

/** What the caller is told: an error that is no ConnectError reaches it as `internal`. */
function codeOf(error: unknown): number {
  if (error === undefined) return 0;
  return error instanceof ConnectError ? error.code : Code.Internal;
}

const outOfHeaders = {
  keys: (headers: Headers): string[] => [...headers.keys()],
  get: (headers: Headers, name: string): string | undefined => headers.get(name) ?? undefined,
};
