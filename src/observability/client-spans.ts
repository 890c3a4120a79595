import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { Outcome } from "../balancer/outcome.ts";
import type {
  AttemptEnd,
  AttemptListener,
  AttemptStart,
  CallEnd,
  CallInfo,
  CallListener,
  CallObserver,
} from "../transport/calls/call-observer.ts";
import type { CallLabels } from "./method-labels.ts";
import { minWaitMs, outcomeWord, repeatAfter } from "./repeats.ts";
import { rpcStatusLabels } from "./status-names.ts";

/** Of what a server says of an error; a span is no place for more. */
const maxMessageLength = 256;

export interface Tracing {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
}

interface ClientSpansOptions extends Tracing, CallLabels {}

/** A span for each call of one transport, and below it one for each attempt, whose context is sent to the server. */
export class ClientSpans implements CallObserver {
  readonly #options: ClientSpansOptions;

  constructor(options: ClientSpansOptions) {
    this.#options = options;
  }

  onCall({ method }: CallInfo): CallListener {
    const { tracer, system, server, target } = this.#options;
    const caller = context.active();
    const attributes = { "rpc.system.name": system, "rpc.method": method, ...server, "meshless.target": target };
    const span = tracer.startSpan(method, { kind: SpanKind.CLIENT, attributes }, caller);
    return new TracedCall(this.#options, method, span, trace.setSpan(caller, span));
  }
}

class TracedCall implements CallListener {
  readonly #options: ClientSpansOptions;
  readonly #method: string;
  readonly #span: Span;
  readonly #context: Context;
  /** Of the attempt before. */
  #outcome: Outcome | undefined;

  constructor(options: ClientSpansOptions, method: string, span: Span, context: Context) {
    this.#options = options;
    this.#method = method;
    this.#span = span;
    this.#context = context;
  }

  onAttempt(start: AttemptStart): AttemptListener {
    if (this.#span.isRecording()) this.#noteStart(start);
    const { tracer, propagator } = this.#options;
    const span = tracer.startSpan(this.#method, { kind: SpanKind.CLIENT, attributes: this.#attributesOf(start) }, this.#context);
    const headers: Record<string, string> = {};
    propagator.inject(trace.setSpan(this.#context, span), headers, intoHeaders);
    return { headers, onEnd: (end) => this.#onAttemptEnd(span, end) };
  }

  onEnd({ code, error, attempts }: CallEnd): void {
    const span = this.#span;
    if (span.isRecording()) {
      span.setAttributes({ ...rpcStatusLabels(this.#options.system, code), "meshless.attempts": attempts });
      if (code !== 0) fail(span, error?.rawMessage);
    }
    span.end();
  }

  #noteStart({ endpoint, number, waitedMs }: AttemptStart): void {
    const span = this.#span;
    span.setAttributes({ "network.peer.address": endpoint.address, "network.peer.port": endpoint.port });
    if (waitedMs >= minWaitMs) span.addEvent("meshless.wait", { "meshless.wait.duration": waitedMs / 1_000 });
    if (this.#outcome === undefined) return;
    const attributes = { "meshless.attempt.number": number, "meshless.attempt.outcome": outcomeWord(this.#outcome) };
    span.addEvent(`meshless.${repeatAfter(this.#outcome)}`, attributes);
  }

  #attributesOf({ endpoint, number, repeatReason }: AttemptStart): Attributes {
    return {
      "rpc.system.name": this.#options.system,
      "rpc.method": this.#method,
      "server.address": endpoint.address,
      "server.port": endpoint.port,
      "meshless.attempt.number": number,
      "meshless.endpoint.id": endpoint.id,
      ...(endpoint.locality && { "meshless.zone": endpoint.locality.zone }),
      ...(repeatReason && { "meshless.attempt.repeat_reason": repeatReason.kind }),
    };
  }

  #onAttemptEnd(span: Span, { outcome, error }: AttemptEnd): void {
    this.#outcome = outcome;
    if (span.isRecording()) {
      span.setAttributes({ ...rpcStatusLabels(this.#options.system, outcome.code), "meshless.outcome": outcomeWord(outcome) });
      if (outcome.code !== 0) fail(span, error?.rawMessage);
    }
    span.end();
  }
}

const intoHeaders = {
  set(headers: Record<string, string>, name: string, value: string): void {
    headers[name] = value;
  },
};

export function fail(span: Span, message = ""): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: message.slice(0, maxMessageLength) });
}
