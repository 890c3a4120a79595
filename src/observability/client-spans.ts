import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Span,
  SpanKind,
  type SpanOptions,
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
import { minWaitMs, outcomeWord, type Repeat, repeatOf } from "./repeats.ts";
import { rpcStatusLabels } from "./status-names.ts";

/** Of what a server says of an error; a span is no place for more. */
const maxMessageLength = 256;

export interface Tracing {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
}

interface ClientSpansOptions extends Tracing, CallLabels {}

/**
 * A span for each call of one transport, and below it one for each attempt, whose context is sent to the server. A call that nobody records has
 * neither, and its servers are told so.
 */
export class ClientSpans implements CallObserver {
  readonly #options: ClientSpansOptions;
  readonly #spanOptions = new Map<string, SpanOptions>();

  constructor(options: ClientSpansOptions) {
    this.#options = options;
  }

  onCall({ method }: CallInfo): CallListener | undefined {
    const { tracer, propagator } = this.#options;
    const caller = context.active();
    const span = tracer.startSpan(method, this.#spanOptionsOf(method), caller);
    if (span.isRecording()) return new TracedCall(this.#options, method, span, trace.setSpan(caller, span));
    const headers = headersOf(propagator, isSpanContextValid(span.spanContext()) ? trace.setSpan(caller, span) : caller);
    return headers && { onAttempt: () => ({ headers }) };
  }

  /** Made once for each method, as there are few. */
  #spanOptionsOf(method: string): SpanOptions {
    const known = this.#spanOptions.get(method);
    if (known !== undefined) return known;
    const { system, server, target } = this.#options;
    const attributes = { "rpc.system.name": system, "rpc.method": method, ...server, "meshless.target": target };
    const made = { kind: SpanKind.CLIENT, attributes };
    this.#spanOptions.set(method, made);
    return made;
  }
}

class TracedCall implements CallListener {
  readonly #options: ClientSpansOptions;
  readonly #method: string;
  readonly #span: Span;
  readonly #context: Context;
  /** Of the attempt that ended last. */
  #outcome: Outcome | undefined;

  constructor(options: ClientSpansOptions, method: string, span: Span, context: Context) {
    this.#options = options;
    this.#method = method;
    this.#span = span;
    this.#context = context;
  }

  onAttempt(start: AttemptStart): AttemptListener {
    const repeat = repeatOf(start, this.#outcome);
    this.#noteStart(start, repeat);
    const { tracer, propagator } = this.#options;
    const span = tracer.startSpan(this.#method, { kind: SpanKind.CLIENT, attributes: this.#attributesOf(start, repeat) }, this.#context);
    const headers = headersOf(propagator, trace.setSpan(this.#context, span));
    return { headers, onEnd: (end) => this.#onAttemptEnd(span, end) };
  }

  onEnd({ code, error, attempts }: CallEnd): void {
    const span = this.#span;
    span.setAttributes({ ...rpcStatusLabels(this.#options.system, code), "meshless.attempts": attempts });
    if (code !== 0) fail(span, error?.rawMessage);
    span.end();
  }

  #noteStart({ endpoint, number, waitedMs }: AttemptStart, repeat: Repeat | undefined): void {
    const span = this.#span;
    span.setAttributes({ "network.peer.address": endpoint.address, "network.peer.port": endpoint.port });
    if (waitedMs >= minWaitMs) span.addEvent("meshless.wait", { "meshless.wait.duration": waitedMs / 1_000 });
    if (repeat === undefined) return;
    const before = repeat === "hedge" ? undefined : this.#outcome;
    span.addEvent(`meshless.${repeat}`, {
      "meshless.attempt.number": number,
      ...(before && { "meshless.attempt.outcome": outcomeWord(before) }),
    });
  }

  #attributesOf({ endpoint, number, repeatReason }: AttemptStart, repeat: Repeat | undefined): Attributes {
    return {
      "rpc.system.name": this.#options.system,
      "rpc.method": this.#method,
      "server.address": endpoint.address,
      "server.port": endpoint.port,
      "meshless.attempt.number": number,
      "meshless.endpoint.id": endpoint.id,
      ...(endpoint.locality && { "meshless.zone": endpoint.locality.zone }),
      ...(repeat && { "meshless.attempt.repeat_reason": repeatReason?.kind ?? repeat }),
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

/** What sends a context to a server; undefined: nothing does. */
function headersOf(propagator: TextMapPropagator, where: Context): Readonly<Record<string, string>> | undefined {
  const headers: Record<string, string> = {};
  propagator.inject(where, headers, intoHeaders);
  for (const _ in headers) return headers;
  return undefined;
}

const intoHeaders = {
  set(headers: Record<string, string>, name: string, value: string): void {
    headers[name] = value;
  },
};

export function fail(span: Span, message = ""): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: message.slice(0, maxMessageLength) });
}
