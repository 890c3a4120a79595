import { type ResourceType, typeUrls } from "../../control-plane/src/resource.ts";
import type { AdsVariant } from "../../control-plane/src/xds/ads-message.ts";
import { ServerStream } from "../../control-plane/src/xds/server-stream.ts";
import { SubscriberIndex } from "../../control-plane/src/xds/subscriber-index.ts";
import { AdsClient } from "../../src/discovery/xds/ads-client.ts";
import type { AdsRequest, AdsResponse } from "../../src/discovery/xds/ads-event.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { textKind } from "../xds/text-kind.ts";
import { TextView } from "./text-view.ts";

export type WorldCommand =
  | { readonly type: "subscribe" | "unsubscribe"; readonly of: ServedType; readonly names: readonly string[] }
  /** The registry changes. Undefined: it is gone. */
  | { readonly type: "set"; readonly of: ServedType; readonly name: string; readonly value: string | undefined }
  /** One step of what is on its way; the client's stream opens, or is lost with all that is on its way. */
  | { readonly type: "toServer" | "toClient" | "respond" | "open" | "close" }
  /** Another process takes over, with nothing in its memory. It is complete later. */
  | { readonly type: "restart" }
  | { readonly type: "complete" }
  | { readonly type: "wait"; readonly ms: number };

export type ServedType = Extract<ResourceType, "cluster" | "endpoints" | "routes">;

const kinds = {
  cluster: textKind(typeUrls.cluster, true),
  endpoints: textKind(typeUrls.endpoints, false),
  routes: textKind(typeUrls.routes, false),
} as const satisfies Record<ServedType, unknown>;

/** The SDK's client and the control plane's server, each without its stream, and a wire between them to which anything may happen. */
export class ControlPlaneWorld {
  readonly #client: AdsClient<string>;
  readonly #wanted = { cluster: new Set<string>(), endpoints: new Set<string>(), routes: new Set<string>() };
  readonly #truth = { cluster: new Map<string, string>(), endpoints: new Map<string, string>(), routes: new Map<string, string>() };
  #index = new SubscriberIndex<ServerStream>();
  #view = this.#newView();
  #opening: { readonly stream: number; readonly variant: AdsVariant } | undefined;
  #wire: { readonly stream: number; readonly end: ServerStream; toServer: AdsRequest[]; toClient: AdsResponse[] } | undefined;
  #nowMs = 0;

  constructor(seed: number, variant: AdsVariant) {
    this.#client = new AdsClient({ kinds: Object.values(kinds), node: { id: "me" }, random: seededRandom(seed), variant });
  }

  run(commands: readonly WorldCommand[]): void {
    for (const command of commands) this.#do(command);
    this.#settle();
    this.#assertEnd();
  }

  #do(command: WorldCommand): void {
    switch (command.type) {
      case "subscribe":
      case "unsubscribe":
        for (const name of command.names) this.#wanted[command.of][command.type === "subscribe" ? "add" : "delete"](name);
        return this.#handle({ kind: command.type, typeUrl: typeUrls[command.of], names: command.names });
      case "set":
        if (command.value === undefined) this.#truth[command.of].delete(command.name);
        else this.#truth[command.of].set(command.name, command.value);
        return this.#view.set(command.of, command.name, command.value);
      case "toServer": {
        const request = this.#wire?.toServer.shift();
        if (request !== undefined) this.#wire?.end.request(request);
        return;
      }
      case "respond": {
        const response = this.#wire?.end.next();
        if (response !== undefined) this.#wire?.toClient.push(response);
        return;
      }
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
        return this.#restart();
      case "complete":
        this.#view.isComplete = true;
        return;
      case "wait":
        return this.#wait(command.ms);
    }
  }

  #newView(): TextView {
    const view = new TextView((type, name) => {
      for (const stream of this.#index.of(type, name)) stream.changed(type, name);
    });
    return view;
  }

  /** The new one hears of everything after it listens. */
  #restart(): void {
    this.#close();
    this.#index = new SubscriberIndex();
    this.#view = this.#newView();
    this.#view.isComplete = false;
    for (const type of Object.keys(kinds) as ServedType[]) for (const [name, value] of this.#truth[type]) this.#view.set(type, name, value);
  }

  #open(): void {
    const opening = this.#opening;
    if (opening === undefined) return;
    this.#opening = undefined;
    const { stream, variant } = opening;
    const end: ServerStream = new ServerStream({
      variant,
      view: this.#view,
      interest: {
        add: (type, name) => this.#index.interestOf(end).add(type, name),
        delete: (type, name) => this.#index.interestOf(end).delete(type, name),
      },
      maxNames: 100,
    });
    this.#wire = { stream, end, toServer: [], toClient: [] };
    this.#handle({ kind: "opened", stream });
  }

  #close(): void {
    const stream = this.#wire?.stream ?? this.#opening?.stream;
    this.#wire?.end.close();
    if (this.#index.size > 0) throw new Error("a stream that is closed is still told of something");
    this.#wire = undefined;
    this.#opening = undefined;
    if (stream !== undefined) this.#handle({ kind: "closed", stream, reason: "gone", isUnimplemented: false });
  }

  #handle(event: Parameters<AdsClient<string>["handle"]>[0]): void {
    for (const output of this.#client.handle(event, this.#nowMs)) {
      if (output.kind === "open") this.#opening = output;
      else if (output.kind === "send") this.#wire?.toServer.push(output.request);
      else if (output.kind === "refused") throw new Error(`the client refuses ${output.name}: ${output.problems.join()}`);
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
    this.#do({ type: "complete" });
    for (let round = 0; round < 60; round++) {
      for (const type of ["open", "toServer", "respond", "toClient"] as const) this.#do({ type });
      if (round % 30 === 29) this.#wait(60_000);
    }
  }

  #assertEnd(): void {
    for (const type of Object.keys(kinds) as ServedType[]) {
      for (const name of this.#wanted[type]) {
        const knowledge = this.#client.resource(typeUrls[type], name)?.knowledge;
        // In the state of the world, endpoints that are not there look like none, and of routes it can't be said that they are gone.
        const known = knowledge?.kind === "found" ? knowledge.value : "";
        const truth = this.#truth[type].get(name) ?? "";
        if (truth === "" && type === "routes" && this.#client.variant === "sotw") continue;
        if (known !== truth) throw new Error(`${type} ${name} is "${known}" at the client and "${truth}" in the registry`);
      }
    }
  }
}
