import { AdsClient } from "../../src/discovery/xds/ads-client.ts";
import type { AdsEvent, AdsRequest, AdsResponse, AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { ModelStream } from "./model-stream.ts";
import { Registry } from "./registry.ts";
import { clusters, endpoints } from "./text-kind.ts";

export type AdsCommand =
  | { readonly type: "subscribe" | "unsubscribe"; readonly kind: number; readonly names: readonly string[] }
  /** Undefined: it is deleted. */
  | { readonly type: "set"; readonly kind: number; readonly name: string; readonly value: string | undefined }
  /** The next message in this direction arrives; the server says what it has to say. */
  | { readonly type: "toServer" | "toClient" | "respond" }
  /** The stream that the client waits for opens; a stream ends and what is under way is lost. */
  | { readonly type: "open" | "close" }
  /** Another server takes over. */
  | { readonly type: "restart"; readonly variant: AdsVariant; readonly window: number; readonly isReplica: boolean }
  | { readonly type: "wait"; readonly ms: number };

const kinds = [clusters, endpoints];

/** A client, a server and a wire between them, to which anything may happen. */
export class AdsWorld {
  readonly #client: AdsClient<string>;
  readonly #registry = new Registry();
  readonly #wanted = new Map(kinds.map((kind) => [kind, new Set<string>()]));
  /** The last that was heard of each resource, by kind and name. */
  readonly #heard = new Map<string, string>();
  #server: { readonly variant: AdsVariant; readonly window: number };
  /** What the client waits for. */
  #opening: { readonly stream: number; readonly variant: AdsVariant } | undefined;
  #wire: { readonly stream: number; readonly end: ModelStream; toServer: AdsRequest[]; toClient: AdsResponse[] } | undefined;
  #nowMs = 0;

  constructor(seed: number, variant: AdsVariant) {
    this.#server = { variant, window: 1 };
    this.#client = new AdsClient({ kinds, node: { id: "me" }, random: seededRandom(seed) });
  }

  run(commands: readonly AdsCommand[]): void {
    for (const command of commands) this.#do(command);
    this.#settle();
    this.#assertEnd();
  }

  #do(command: AdsCommand): void {
    const kind = "kind" in command ? (kinds[command.kind] as ResourceKind<string>) : undefined;
    switch (command.type) {
      case "subscribe":
      case "unsubscribe":
        if (kind !== undefined) this.#subscribe(command.type, kind, command.names);
        return;
      case "set":
        if (kind !== undefined) this.#registry.set(kind, command.name, command.value);
        return;
      case "toServer": {
        const request = this.#wire?.toServer.shift();
        if (request !== undefined) this.#wire?.end.request(request);
        return;
      }
      case "respond":
        this.#wire?.toClient.push(...this.#wire.end.respond());
        return;
      case "toClient": {
        const response = this.#wire?.toClient.shift();
        if (this.#wire !== undefined && response !== undefined) this.#handle({ kind: "received", stream: this.#wire.stream, response });
        return;
      }
      case "open":
        return this.#open();
      case "close":
        return this.#close();
      case "restart":
        this.#server = { variant: command.variant, window: command.window };
        if (!command.isReplica) this.#registry.epoch++;
        return this.#close();
      case "wait":
        return this.#wait(command.ms);
    }
  }

  #subscribe(type: "subscribe" | "unsubscribe", kind: ResourceKind<string>, names: readonly string[]): void {
    const wanted = this.#wanted.get(kind);
    for (const name of names) {
      if (type === "subscribe") wanted?.add(name);
      else if (wanted?.delete(name)) this.#heard.delete(`${kind.typeUrl} ${name}`);
    }
    this.#handle({ kind: type, typeUrl: kind.typeUrl, names });
  }

  /** A server that has only the state of the world does not know the incremental method. */
  #open(): void {
    const opening = this.#opening;
    if (opening === undefined) return;
    this.#opening = undefined;
    const { stream, variant } = opening;
    if (variant === "delta" && this.#server.variant === "sotw") {
      return this.#handle({ kind: "closed", stream, reason: "unimplemented", isUnimplemented: true });
    }
    this.#wire = { stream, end: new ModelStream(variant, this.#registry, this.#server.window), toServer: [], toClient: [] };
    this.#handle({ kind: "opened", stream });
  }

  #close(): void {
    const stream = this.#wire?.stream ?? this.#opening?.stream;
    this.#wire = undefined;
    this.#opening = undefined;
    if (stream === undefined) return;
    this.#handle({ kind: "closed", stream, reason: "gone", isUnimplemented: false });
    // Whatever still comes of it is of the past.
    if (this.#client.handle({ kind: "closed", stream, reason: "gone", isUnimplemented: true }, this.#nowMs).length > 0) {
      throw new Error("hears of a stream that is gone");
    }
  }

  #handle(event: AdsEvent): void {
    for (const output of this.#client.handle(event, this.#nowMs)) {
      if (output.kind === "open") this.#opening = output;
      else if (output.kind === "send") this.#wire?.toServer.push(output.request);
      else if (output.kind === "found") this.#heard.set(`${output.typeUrl} ${output.name}`, output.value);
      else if (output.kind === "missing") this.#heard.set(`${output.typeUrl} ${output.name}`, "missing");
    }
  }

  #wait(ms: number): void {
    const untilMs = this.#nowMs + ms;
    while (this.#client.wakeAtMs <= untilMs) {
      this.#nowMs = Math.max(this.#nowMs, this.#client.wakeAtMs);
      this.#handle({ kind: "timer" });
    }
    this.#nowMs = untilMs;
  }

  /** Nothing bad happens any more. */
  #settle(): void {
    this.#registry.mend();
    for (let round = 0; round < 40; round++) {
      for (const type of ["open", "toServer", "respond", "toClient"] as const) this.#do({ type });
      if (round % 20 === 19) this.#wait(60_000);
    }
  }

  #assertEnd(): void {
    for (const [kind, names] of this.#wanted) {
      for (const name of names) {
        const { knowledge, problems = [] } = this.#client.resource(kind.typeUrl, name) ?? {};
        const known = knowledge?.kind === "found" ? knowledge.value : (knowledge?.kind ?? "nothing");
        // The state of the world can't say that endpoints are gone, though the last that was said of them was bad.
        const canSay = this.#client.variant === "delta" || kind.comesWhole;
        if (problems.length > 0 && !canSay) continue;
        const heard = this.#heard.get(`${kind.typeUrl} ${name}`);
        if (known !== heard) throw new Error(`${name} is ${known}, and ${heard} was told`);
        const truth = this.#registry.get(kind, name) ?? "missing";
        if (known !== truth && (canSay || truth !== "missing"))
          throw new Error(`${kind.typeUrl} ${name} is ${known} at the client and ${truth} in the registry`);
      }
    }
  }
}
