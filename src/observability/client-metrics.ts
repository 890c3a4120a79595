import type { Attributes } from "@opentelemetry/api";
import type { Outcome } from "../balancer/outcome.ts";
import type { Endpoint } from "../endpoint.ts";
import { hostAndPort } from "../host-and-port.ts";
import type { AttemptEnd, AttemptListener, AttemptStart, CallEnd, CallListener, CallObserver } from "../transport/calls/call-observer.ts";
import type { Instruments } from "./instruments.ts";
import type { LabelBounds } from "./label-bounds.ts";
import type { OptionalLabel } from "./metric-catalogue.ts";
import { outcomeWord, repeatAfter } from "./repeats.ts";
import { grpcStatus, type RpcSystem, rpcStatus } from "./status-names.ts";

/** Shorter waits are those for this process, in ms. */
export const minWaitMs = 10;

export interface Measuring {
  readonly instruments: Instruments;
  readonly bounds: LabelBounds;
  readonly optional: ReadonlySet<OptionalLabel>;
}

export interface ClientMetricsOptions extends Measuring {
  readonly target: string;
  readonly zone: string | undefined;
  readonly system: RpcSystem;
  /** `server.address` and `server.port`. */
  readonly server: Attributes;
}

/** Measures the calls of one transport, and their attempts. */
export class ClientMetrics implements CallObserver {
  readonly options: ClientMetricsOptions;
  readonly #methods = new Map<string, MethodLabels>();

  constructor(options: ClientMetricsOptions) {
    this.options = options;
  }

  onCall({ method }: { readonly method: string }): CallListener {
    const name = this.options.bounds.of("rpc.method", method);
    let labels = this.#methods.get(name);
    if (labels === undefined) {
      labels = new MethodLabels(name, this.options);
      this.#methods.set(name, labels);
    }
    return new MeasuredCall(labels, this.options);
  }
}

/** The labels of a method's calls: made once, as there are few. */
class MethodLabels {
  readonly ofMethod: Attributes;
  readonly #byCode: { readonly grpc: Attributes; readonly rpc: Attributes }[] = [];
  readonly #rpc: Attributes;
  readonly #system: RpcSystem;

  constructor(method: string, { target, system, server }: ClientMetricsOptions) {
    this.ofMethod = { "grpc.method": method, "grpc.target": target };
    this.#rpc = { "rpc.system.name": system, "rpc.method": method, ...server };
    this.#system = system;
  }

  withCode(code: number): { readonly grpc: Attributes; readonly rpc: Attributes } {
    this.#byCode[code] ??= {
      grpc: { ...this.ofMethod, "grpc.status": grpcStatus(code) },
      rpc: { ...this.#rpc, ...rpcStatusLabels(this.#system, code) },
    };
    return this.#byCode[code];
  }
}

/** @param isError whether the code counts as an error */
export function rpcStatusLabels(system: RpcSystem, code: number, isError = code !== 0): Attributes {
  const status = rpcStatus(system, code);
  return { ...(status !== undefined && { "rpc.status_code": status }), ...(isError && { "error.type": status ?? "_OTHER" }) };
}

class MeasuredCall implements CallListener {
  readonly #labels: MethodLabels;
  readonly #options: ClientMetricsOptions;
  /** Of the attempt before. */
  #outcome: Outcome | undefined;
  #retries = 0;
  #transparentRetries = 0;
  #delayMs = 0;

  constructor(labels: MethodLabels, options: ClientMetricsOptions) {
    this.#labels = labels;
    this.#options = options;
  }

  onAttempt({ endpoint, waitedMs }: AttemptStart): AttemptListener {
    const { instruments } = this.#options;
    instruments["grpc.client.attempt.started"].add(1, this.#labels.ofMethod);
    if (waitedMs >= minWaitMs) instruments["meshless.attempt.wait"].record(waitedMs / 1_000, { "grpc.target": this.#options.target });
    if (this.#outcome !== undefined) this.#countRepeat(this.#outcome, waitedMs);
    return { onEnd: (end) => this.#onAttemptEnd(endpoint, end) };
  }

  onEnd({ code, durationMs }: CallEnd): void {
    const { instruments } = this.#options;
    const { grpc, rpc } = this.#labels.withCode(code);
    instruments["rpc.client.call.duration"].record(durationMs / 1_000, rpc);
    instruments["grpc.client.call.duration"].record(durationMs / 1_000, grpc);
    if (this.#retries + this.#transparentRetries === 0) return;
    const { ofMethod } = this.#labels;
    if (this.#retries > 0) instruments["grpc.client.call.retries"].record(this.#retries, ofMethod);
    if (this.#transparentRetries > 0) instruments["grpc.client.call.transparent_retries"].record(this.#transparentRetries, ofMethod);
    instruments["grpc.client.call.retry_delay"].record(this.#delayMs / 1_000, ofMethod);
  }

  #countRepeat(before: Outcome, waitedMs: number): void {
    if (repeatAfter(before) === "retry") this.#retries += 1;
    else this.#transparentRetries += 1;
    this.#delayMs += waitedMs;
  }

  #onAttemptEnd(endpoint: Endpoint, { outcome, durationMs, sentBytes, receivedBytes }: AttemptEnd): void {
    const { instruments, optional } = this.#options;
    this.#outcome = outcome;
    const { grpc } = this.#labels.withCode(outcome.code);
    const labels = optional.size === 0 ? grpc : { ...grpc, ...endpointLabels(endpoint, this.#options) };
    instruments["grpc.client.attempt.duration"].record(durationMs / 1_000, labels);
    instruments["grpc.client.attempt.sent_total_compressed_message_size"].record(sentBytes, labels);
    instruments["grpc.client.attempt.rcvd_total_compressed_message_size"].record(receivedBytes, labels);
    instruments["meshless.attempts"].add(1, this.#placeLabels(endpoint, outcome));
  }

  #placeLabels(endpoint: Endpoint, outcome: Outcome): Attributes {
    const { target, zone, bounds, optional } = this.#options;
    const theirs = endpoint.locality?.zone;
    const isKnown = zone !== undefined && theirs !== undefined;
    return {
      "grpc.target": target,
      "meshless.outcome": outcomeWord(outcome),
      "meshless.placement": isKnown ? (theirs === zone ? "own_zone" : "other_zone") : "no_zone",
      "meshless.zone": bounds.of("meshless.zone", theirs ?? ""),
      ...(optional.has("meshless.endpoint") && endpointLabel(endpoint, bounds)),
    };
  }
}

/** What was asked for of the labels that not every metric has. */
export function endpointLabels(endpoint: Endpoint, { bounds, optional }: Omit<Measuring, "instruments">): Attributes {
  return { ...localityLabel(endpoint, { bounds, optional }), ...(optional.has("meshless.endpoint") && endpointLabel(endpoint, bounds)) };
}

/** As gRPC writes it (gRFC A78). */
export function localityLabel({ locality }: Endpoint, { bounds, optional }: Omit<Measuring, "instruments">): Attributes {
  if (!optional.has("grpc.lb.locality")) return {};
  const text = locality === undefined ? "" : `{region="${locality.region}", zone="${locality.zone}", sub_zone=""}`;
  return { "grpc.lb.locality": bounds.of("grpc.lb.locality", text) };
}

function endpointLabel({ address, port }: Endpoint, bounds: LabelBounds): Attributes {
  return { "meshless.endpoint": bounds.of("meshless.endpoint", hostAndPort(address, port)) };
}
