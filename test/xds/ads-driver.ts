import { create } from "@bufbuild/protobuf";
import { AdsClient } from "../../src/discovery/xds/ads-client.ts";
import type { AdsEvent, AdsOutput, AdsRequest, AdsResponse, AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";
import { DeltaDiscoveryResponseSchema, DiscoveryResponseSchema } from "../../src/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { clusters, endpoints, textResource } from "./text-kind.ts";

interface Answer {
  readonly nonce?: string;
  readonly version?: string;
  readonly removed?: readonly string[];
}

/** Drives a client through virtual time, and shows what it does as texts and requests. */
export class AdsDriver {
  readonly client: AdsClient<string>;
  nowMs = 1_000;
  /** The control plane that is meant. */
  server = 0;
  /** By control plane: the stream that was asked for last. */
  readonly streams: number[] = [];
  /** Chance: no jitter at 1, which `Math.random` never is. */
  chance = 0.5;
  #nonces = 0;

  constructor(variant: AdsVariant = "delta", servers = 1) {
    this.client = new AdsClient({ kinds: [clusters, endpoints], node: { id: "me" }, random: () => this.chance, variant, servers });
  }

  get stream(): number {
    return this.streams[this.server] ?? 0;
  }

  /** What follows from an event, without what was asked of the stream. */
  handle(event: AdsEvent): readonly AdsOutput<string>[] {
    const outputs = this.client.handle(event, this.nowMs);
    for (const output of outputs) if (output.kind === "open") this.streams[output.server] = output.stream;
    return outputs;
  }

  subscribe(kind: ResourceKind<string>, ...names: string[]): readonly AdsRequest[] {
    return requests(this.handle({ kind: "subscribe", typeUrl: kind.typeUrl, names }));
  }

  unsubscribe(kind: ResourceKind<string>, ...names: string[]): readonly AdsRequest[] {
    return requests(this.handle({ kind: "unsubscribe", typeUrl: kind.typeUrl, names }));
  }

  opened(): readonly AdsRequest[] {
    return requests(this.handle({ kind: "opened", stream: this.stream }));
  }

  closed(reason = "gone", isUnimplemented = false): readonly AdsOutput<string>[] {
    return this.handle({ kind: "closed", stream: this.stream, reason, isUnimplemented });
  }

  received(response: AdsResponse): readonly AdsOutput<string>[] {
    return this.handle({ kind: "received", stream: this.stream, response });
  }

  /** A response of the client's variant with these texts, `name=value`; in a delta each has the response's version. */
  respond(kind: ResourceKind<string>, texts: readonly string[], answer: Answer = {}): readonly AdsOutput<string>[] {
    const { nonce = `n${++this.#nonces}`, version = "1", removed = [] } = answer;
    const { typeUrl } = kind;
    if (this.client.variant === "sotw") {
      const resources = texts.map((text) => textResource(kind, text));
      return this.received(create(DiscoveryResponseSchema, { typeUrl, nonce, versionInfo: version, resources }));
    }
    const resources = texts.map((text) => ({ name: text.split("=")[0] ?? "", version, resource: textResource(kind, text) }));
    return this.received(
      create(DeltaDiscoveryResponseSchema, { typeUrl, nonce, systemVersionInfo: version, resources, removedResources: [...removed] }),
    );
  }

  /** Lets time pass, with a timer event whenever the client asked for one. */
  pass(ms: number): readonly AdsOutput<string>[] {
    const untilMs = this.nowMs + ms;
    const outputs: AdsOutput<string>[] = [];
    while (this.client.wakeAtMs <= untilMs) {
      this.nowMs = Math.max(this.nowMs, this.client.wakeAtMs);
      outputs.push(...this.handle({ kind: "timer" }));
    }
    this.nowMs = untilMs;
    return outputs;
  }
}

export function requests(outputs: readonly AdsOutput<string>[]): readonly AdsRequest[] {
  return outputs.flatMap((output) => (output.kind === "send" ? [output.request] : []));
}

/** What was heard of resources: `a=1`, `a is missing: removed`, `a is refused: is bad`. */
export function news(outputs: readonly AdsOutput<string>[]): readonly string[] {
  return outputs.flatMap((output) => {
    switch (output.kind) {
      case "found":
        return [`${output.name}=${output.value}`];
      case "missing":
        return [`${output.name} is missing: ${output.reason}`];
      case "refused":
        return [`${output.name} is refused: ${output.problems.join("; ")}`];
      default:
        return [];
    }
  });
}
