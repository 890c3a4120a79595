import type { Attributes } from "@opentelemetry/api";
import type { Outcome } from "../balancer/outcome.ts";
import type { Endpoint } from "../endpoint.ts";
import type {
  AttemptEnd,
  AttemptListener,
  AttemptStart,
  CallEnd,
  CallInfo,
  CallListener,
  CallObserver,
} from "../transport/calls/call-observer.ts";
import { endpointLabel, type LabelsWanted, localityLabel } from "./endpoint-labels.ts";
import type { Instruments } from "./instruments.ts";
import { type CallLabels, MethodLabels } from "./method-labels.ts";
import { minWaitMs, outcomeWord, repeatOf } from "./repeats.ts";

export interface Measuring extends LabelsWanted {
  readonly instruments: Instruments;
}

interface ClientMetricsOptions extends Measuring, CallLabels {
  /** The client's own, as far as it is known by now. */
  readonly zone: () => string | undefined;
}

/** Measures the calls of one transport, and their attempts. */
export class ClientMetrics implements CallObserver {
  readonly #options: ClientMetricsOptions;
  readonly #methods = new Map<string, MethodLabels>();

  constructor(options: ClientMetricsOptions) {
    this.#options = options;
  }

  onCall({ method }: CallInfo): CallListener {
    const name = this.#options.bounds.of("rpc.method", method);
    let labels = this.#methods.get(name);
    if (labels === undefined) {
      labels = new MethodLabels(name, this.#options);
      this.#methods.set(name, labels);
    }
    return new MeasuredCall(labels, this.#options);
  }
}

class MeasuredCall implements CallListener {
  readonly #labels: MethodLabels;
  readonly #options: ClientMetricsOptions;
  /** Of the attempt that ended last. */
  #outcome: Outcome | undefined;
  #retries = 0;
  #transparentRetries = 0;
  #hedges = 0;
  #delayMs = 0;

  constructor(labels: MethodLabels, options: ClientMetricsOptions) {
    this.#labels = labels;
    this.#options = options;
  }

  onAttempt(start: AttemptStart): AttemptListener {
    const { instruments } = this.#options;
    const { endpoint, number, waitedMs } = start;
    instruments["grpc.client.attempt.started"].add(1, this.#labels.ofMethod);
    if (waitedMs >= minWaitMs) instruments["meshless.attempt.wait"].record(waitedMs / 1_000, { "grpc.target": this.#options.target });
    if (number > 1) this.#countRepeat(start);
    return { onEnd: (end) => this.#onAttemptEnd(endpoint, end) };
  }

  onEnd({ code, durationMs }: CallEnd): void {
    const { instruments } = this.#options;
    const { grpc, rpc } = this.#labels.withCode(code);
    instruments["rpc.client.call.duration"].record(durationMs / 1_000, rpc);
    instruments["grpc.client.call.duration"].record(durationMs / 1_000, grpc);
    const { ofMethod } = this.#labels;
    if (this.#hedges > 0) instruments["grpc.client.call.hedges"].record(this.#hedges, ofMethod);
    if (this.#retries + this.#transparentRetries === 0) return;
    if (this.#retries > 0) instruments["grpc.client.call.retries"].record(this.#retries, ofMethod);
    if (this.#transparentRetries > 0) instruments["grpc.client.call.transparent_retries"].record(this.#transparentRetries, ofMethod);
    instruments["grpc.client.call.retry_delay"].record(this.#delayMs / 1_000, ofMethod);
  }

  #countRepeat(start: AttemptStart): void {
    const repeat = repeatOf(start, this.#outcome);
    if (repeat === "hedge") this.#hedges += 1;
    else if (repeat === "retry") this.#retries += 1;
    else this.#transparentRetries += 1;
    this.#delayMs += start.waitedMs;
  }

  #onAttemptEnd(endpoint: Endpoint, { outcome, durationMs, sentBytes, receivedBytes }: AttemptEnd): void {
    const { instruments, optional } = this.#options;
    this.#outcome = outcome;
    const { grpc } = this.#labels.withCode(outcome.code);
    const labels =
      optional.size === 0 ? grpc : { ...grpc, ...localityLabel(endpoint, this.#options), ...endpointLabel(endpoint, this.#options) };
    instruments["grpc.client.attempt.duration"].record(durationMs / 1_000, labels);
    instruments["grpc.client.attempt.sent_total_compressed_message_size"].record(sentBytes, labels);
    instruments["grpc.client.attempt.rcvd_total_compressed_message_size"].record(receivedBytes, labels);
    instruments["meshless.attempts"].add(1, this.#placeLabels(endpoint, outcome));
  }

  #placeLabels(endpoint: Endpoint, outcome: Outcome): Attributes {
    const { target, bounds } = this.#options;
    const zone = this.#options.zone();
    const theirs = endpoint.locality?.zone;
    const isKnown = zone !== undefined && theirs !== undefined;
    return {
      "grpc.target": target,
      "meshless.outcome": outcomeWord(outcome),
      "meshless.placement": isKnown ? (theirs === zone ? "own_zone" : "other_zone") : "no_zone",
      "meshless.zone": bounds.of("meshless.zone", theirs ?? ""),
      ...endpointLabel(endpoint, this.#options),
    };
  }
}
