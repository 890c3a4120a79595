import { AdsClient } from "../../src/discovery/xds/ads-client.ts";
import type { AdsEvent, AdsRequest, AdsResponse, AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";
import { patchFeature } from "../../src/discovery/xds/resource-patch.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import type { AdsCommand } from "./ads-commands.ts";
import type { Plane, PlaneStream } from "./plane.ts";
import { textKinds } from "./text-kind.ts";

/** What stands, or is to stand, between the client and one control plane. */
interface Wire {
  readonly stream: number;
  readonly variant: AdsVariant;
  /** The number of changes until then. */
  readonly openedAt: number;
  end: PlaneStream | undefined;
  toServer: AdsRequest[];
  toClient: AdsResponse[];
}

/** A client, its control planes and the wires between them, to which anything may happen. */
export class AdsWorld {
  readonly #client: AdsClient<string>;
  readonly #planes: readonly Plane[];
  readonly #wires = new Map<number, Wire>();
  readonly #down = new Set<number>();
  readonly #wanted = new Map<ResourceKind<string>, Set<string>>(textKinds.map((kind) => [kind, new Set()]));
  /** The last that was heard of each resource, by kind and name. */
  readonly #heard = new Map<string, string>();
  #changes = 0;
  /** By control plane, kind and name: the change with which a resource came. */
  readonly #presentSince = new Map<string, number>();
  #nowMs = 0;

  constructor(seed: number, variant: AdsVariant, planes: readonly Plane[]) {
    this.#planes = planes;
    const options = { kinds: textKinds, node: { id: "me", clientFeatures: [patchFeature] }, random: seededRandom(seed), variant };
    this.#client = new AdsClient({ ...options, servers: planes.length });
  }

  /** @param down which control planes can't be reached in the end */
  run(commands: readonly AdsCommand[], down: readonly number[] = []): void {
    for (const command of commands) this.#do(command);
    this.#settle(down);
    this.#assertEnd();
  }

  #do(command: AdsCommand): void {
    if (command.type === "wait") return this.#wait(command.ms);
    if ("names" in command) return this.#change(command);
    const at = command.at % this.#planes.length;
    const plane = this.#planes[at] as Plane;
    const wire = this.#wires.get(at);
    switch (command.type) {
      case "set":
        return this.#set(at, plane, kindOf(command.kind), command.name, command.value);
      case "toServer":
        return this.#toServer(wire);
      case "respond":
        wire?.toClient.push(...(wire.end?.respond() ?? []));
        return;
      case "toClient":
        return this.#toClient(at, wire);
      case "exchange":
        return this.#exchange(at);
      case "open":
        return this.#open(at, plane);
      case "close":
        return this.#close(at, "gone", false);
      case "down":
        this.#down.add(at);
        return this.#close(at, "gone", false);
      case "up":
        this.#down.delete(at);
        return;
      case "complete":
        return plane.complete();
      case "restart":
        this.#close(at, "gone", false);
        return plane.restart(command);
    }
  }

  #change({ type, kind, names }: Extract<AdsCommand, { names: unknown }>): void {
    if (type !== "subscribe") this.#unsubscribe(kindOf(kind), names);
    if (type !== "unsubscribe") this.#subscribe(kindOf(kind), names);
  }

  #subscribe(kind: ResourceKind<string>, names: readonly string[]): void {
    for (const name of names) this.#wanted.get(kind)?.add(name);
    this.#handle({ kind: "subscribe", typeUrl: kind.typeUrl, names });
  }

  #unsubscribe(kind: ResourceKind<string>, names: readonly string[]): void {
    for (const name of names) {
      this.#wanted.get(kind)?.delete(name);
      this.#heard.delete(`${kind.typeUrl} ${name}`);
    }
    this.#handle({ kind: "unsubscribe", typeUrl: kind.typeUrl, names });
  }

  #set(at: number, plane: Plane, kind: ResourceKind<string>, name: string, value: string | undefined): void {
    const key = `${at} ${kind.typeUrl} ${name}`;
    this.#changes++;
    if (value === undefined) this.#presentSince.delete(key);
    else if (!this.#presentSince.has(key)) this.#presentSince.set(key, this.#changes);
    plane.registry.set(kind, name, value);
    plane.changed(kind, name);
  }

  #toServer(wire: Wire | undefined): void {
    const request = wire?.toServer.shift();
    if (request !== undefined) wire?.end?.request(request);
  }

  #toClient(at: number, wire: Wire | undefined): void {
    const response = wire?.toClient.shift();
    if (wire === undefined || response === undefined) return;
    const before = new Map(this.#heard);
    this.#handle({ kind: "received", stream: wire.stream, response });
    if (this.#planes[at]?.window !== 1) return;
    for (const [key, heard] of this.#heard) {
      const since = this.#presentSince.get(`${at} ${key}`) ?? this.#changes;
      if (heard === "missing" && before.get(key) !== heard && since < wire.openedAt)
        throw new Error(`${key} is taken for missing, though ${at} had it when the stream was opened`);
    }
  }

  #exchange(at: number): void {
    this.#do({ type: "open", at });
    while (this.#wires.get(at)?.toServer.length) this.#do({ type: "toServer", at });
    this.#do({ type: "respond", at });
    while (this.#wires.get(at)?.toClient.length) this.#do({ type: "toClient", at });
  }

  #open(at: number, plane: Plane): void {
    const wire = this.#wires.get(at);
    if (wire === undefined || wire.end !== undefined) return;
    if (this.#down.has(at)) return this.#close(at, "refused", false);
    wire.end = plane.open(wire.variant);
    if (wire.end === undefined) return this.#close(at, "unimplemented", true);
    this.#handle({ kind: "opened", stream: wire.stream });
  }

  #close(at: number, reason: string, isUnimplemented: boolean): void {
    const stream = this.#cut(at);
    if (stream === undefined) return;
    const known = this.#known();
    this.#handle({ kind: "closed", stream, reason, isUnimplemented });
    // Whatever still comes of it is of the past.
    const late = this.#client.handle({ kind: "closed", stream, reason, isUnimplemented: true }, this.#nowMs);
    if (late.length > 0) throw new Error("hears of a stream that is gone");
    if (this.#known() !== known) throw new Error(`${known} was known before a stream ended, and ${this.#known()} after it`);
  }

  #cut(at: number): number | undefined {
    const wire = this.#wires.get(at);
    this.#wires.delete(at);
    wire?.end?.close();
    return wire?.stream;
  }

  #handle(event: AdsEvent): void {
    for (const output of this.#client.handle(event, this.#nowMs)) {
      switch (output.kind) {
        case "open":
          this.#wires.set(output.server, { ...output, openedAt: this.#changes, end: undefined, toServer: [], toClient: [] });
          break;
        case "send":
          this.#wires.get(output.server)?.toServer.push(output.request);
          break;
        case "close":
          this.#cut(output.server);
          break;
        case "fallback":
          this.#assertFallback(output.server);
          break;
        case "found":
          this.#heard.set(`${output.typeUrl} ${output.name}`, output.value || "missing");
          break;
        case "missing":
        case "refused":
          this.#heard.set(`${output.typeUrl} ${output.name}`, output.kind);
      }
    }
    for (const at of this.#wires.keys())
      if (at > this.#client.server) throw new Error(`still asks ${at}, and hears ${this.#client.server}`);
  }

  #assertFallback(to: number): void {
    if (this.#wires.get(to - 1)?.end !== undefined) throw new Error(`leaves ${to - 1}, which can be reached`);
    if (!this.#known().includes("requested")) throw new Error(`leaves ${to - 1}, though it knows all that it wants`);
  }

  #wait(ms: number): void {
    const untilMs = this.#nowMs + ms;
    while (this.#client.wakeAtMs <= untilMs) {
      this.#nowMs = Math.max(this.#nowMs, this.#client.wakeAtMs);
      this.#handle({ kind: "timer" });
    }
    this.#nowMs = untilMs;
  }

  /** Nothing bad happens any more, but for those who can't be reached. */
  #settle(down: readonly number[]): void {
    for (const [at, plane] of this.#planes.entries()) {
      for (const { kind, name, value } of plane.registry.entries) this.#set(at, plane, kind, name, value.replace("bad", "good"));
      this.#do({ type: "complete", at });
      this.#do({ type: down.includes(at) ? "down" : "up", at });
    }
    for (let round = 0; round < 40; round++) {
      for (const at of this.#planes.keys()) this.#exchange(at);
      if (round % 10 === 9) this.#wait(60_000);
    }
  }

  #assertEnd(): void {
    const { server, variant } = this.#client;
    const plane = this.#planes[server] as Plane;
    for (const [kind, names] of this.#wanted) {
      for (const name of names) {
        const known = this.#knownOf(kind, name);
        const heard = this.#heard.get(`${kind.typeUrl} ${name}`);
        const isRefused = (this.#client.resource(kind.typeUrl, name)?.problems ?? []).length > 0;
        if (heard !== (isRefused ? "refused" : known)) throw new Error(`${name} is ${known}, and ${heard} was told`);
        // That it is gone can't be said, though the last that was said of it was bad.
        if (isRefused && !plane.tellsAbsence(kind, variant)) continue;
        if (known === "requested") throw new Error(`${name} is not known in the end`);
        // Who can't be reached is held to what it said.
        if (this.#down.has(server)) continue;
        const truth = plane.registry.get(kind, name) ?? "missing";
        if (known !== truth && (truth !== "missing" || plane.tellsAbsence(kind, variant)))
          throw new Error(`${kind.typeUrl} ${name} is ${known} at the client and ${truth} in the registry`);
      }
    }
  }

  /** All that is known, in words. */
  #known(): string {
    return [...this.#wanted].map(([kind, names]) => [...names].map((name) => `${name}=${this.#knownOf(kind, name)}`).join()).join(" ");
  }

  /** No endpoints, and no such resource, are one to those who can't tell them apart. */
  #knownOf(kind: ResourceKind<string>, name: string): string {
    const { knowledge } = this.#client.resource(kind.typeUrl, name) ?? {};
    return knowledge?.kind === "found" ? knowledge.value || "missing" : (knowledge?.kind ?? "nothing");
  }
}

function kindOf(index: number): ResourceKind<string> {
  return textKinds[index % textKinds.length] as ResourceKind<string>;
}
