import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { toError } from "../../to-error.ts";
import type { MissingReason, ResourceNews } from "./ads-event.ts";
import { type Received, type ReceivedItem, readItem } from "./received.ts";
import type { RefusedResource } from "./refusal.ts";
import type { ReadBefore, Reading, ResourceKind } from "./resource-kind.ts";
import { isPatch, patched } from "./resource-patch.ts";
import { nothingKnown, type WatchedResource } from "./watched-resource.ts";

interface Taken<Value> {
  readonly news: readonly ResourceNews<Value>[];
  readonly refused: readonly RefusedResource[];
  /** Of what was asked for, what the response speaks of. */
  readonly seen: ReadonlySet<string>;
}

/** What a client wants, and knows, of one type of resources. What it knows outlives every stream. */
export class Subscription<Value> {
  readonly kind: ResourceKind<Value>;
  readonly resources = new Map<string, WatchedResource<Value>>();

  constructor(kind: ResourceKind<Value>) {
    this.kind = kind;
  }

  /** Whether there is something of which nothing is known, not even that there is none. */
  get isIncomplete(): boolean {
    return this.resources.values().some(({ knowledge }) => knowledge.kind === "requested");
  }

  /** @returns those that are new */
  add(names: readonly string[], deadlineMs: number): readonly string[] {
    const added = [...new Set(names)].filter((name) => !this.resources.has(name));
    for (const name of added) this.resources.set(name, { knowledge: { ...nothingKnown, deadlineMs }, problems: [], from: undefined });
    return added;
  }

  /** @returns those that were there */
  remove(names: readonly string[]): readonly string[] {
    return names.filter((name) => this.resources.delete(name));
  }

  /** What was never answered is waited for anew. */
  startWaiting(deadlineMs: number): void {
    for (const resource of this.resources.values()) {
      if (resource.knowledge.kind === "requested") resource.knowledge = { kind: "requested", deadlineMs };
    }
  }

  /** Of what this control plane sent. */
  forgetVersions(server: number): void {
    for (const resource of this.resources.values()) {
      if (resource.knowledge.kind === "found" && resource.from === server) resource.knowledge = { ...resource.knowledge, version: "" };
    }
  }

  /**
   * Takes what is good of a response, and keeps the last good state of what is not.
   *
   * @param server the control plane that sent it
   * @param asked what it had been asked for by then
   */
  take(received: Received, server: number, asked: ReadonlySet<string>): Taken<Value> {
    const news: ResourceNews<Value>[] = [];
    const refused: RefusedResource[] = [];
    const seen = new Set<string>();
    for (const sent of received.items) {
      const item = this.#whole(sent, seen, refused);
      if (item === undefined) continue;
      const reading = this.#read(item, seen);
      if (reading === undefined) continue;
      if (reading.kind === "bad") refused.push(reading);
      news.push(...this.#learn(reading, item, server));
    }
    // Where one has no name that can be read, nobody knows which are absent.
    const tellsAbsence = received.isWhole && refused.every(({ name }) => name !== undefined);
    const gone = tellsAbsence ? this.#knownOf(asked) : received.removed;
    news.push(...gone.filter((name) => !seen.has(name)).flatMap((name) => this.#lose(name, "removed", server)));
    return { news, refused, seen };
  }

  /** Gives up on what was not sent in time. */
  expire(nowMs: number): readonly ResourceNews<Value>[] {
    return [...this.resources].flatMap(([name, { knowledge }]) =>
      knowledge.kind === "requested" && knowledge.deadlineMs <= nowMs ? this.#lose(name, "never sent", undefined) : [],
    );
  }

  /** When {@link expire} next has something to do. */
  deadlineMs(): number {
    const waiting = this.resources.values().map(({ knowledge }) => (knowledge.kind === "requested" ? knowledge.deadlineMs : Infinity));
    return waiting.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  }

  /**
   * The resource, where it is told by what has changed in it. One that can't be had so is sent whole once the response is refused, which is no trouble of
   * whoever watches it.
   */
  #whole(item: ReceivedItem, seen: Set<string>, refused: RefusedResource[]): ReceivedItem | undefined {
    const { name, body } = item;
    // One that comes twice is refused for that.
    if (name === undefined || !isPatch(body) || seen.has(name)) return item;
    const knowledge = this.resources.get(name)?.knowledge;
    if (knowledge === undefined) return undefined;
    try {
      const value = patched(body, knowledge.kind === "found" ? knowledge : undefined);
      return { ...item, body: create(AnySchema, { typeUrl: this.kind.typeUrl, value }) };
    } catch (error) {
      seen.add(name);
      refused.push({ name, problems: [toError(error).message] });
      return undefined;
    }
  }

  /** @returns undefined for what was not asked for, and for what is no news */
  #read(item: ReceivedItem, seen: Set<string>): Reading<Value> | undefined {
    const reading = this.#isUnwanted(item.name) ? undefined : readItem(item, this.kind, this.#before(item));
    const name = reading?.name;
    if (reading === undefined || this.#isUnwanted(name)) return undefined;
    const isTwice = name !== undefined && seen.has(name);
    if (name !== undefined) seen.add(name);
    if (isTwice) return { kind: "bad", name, problems: ["comes twice in one response"] };
    return item.isHeartbeat ? undefined : reading;
  }

  #before({ name: outside, body }: ReceivedItem): ReadBefore<Value> | undefined {
    const name = outside ?? (body && this.kind.peekName?.(body.value));
    const knowledge = name === undefined ? undefined : this.resources.get(name)?.knowledge;
    return knowledge?.kind === "found" ? knowledge : undefined;
  }

  #isUnwanted(name: string | undefined): boolean {
    return name !== undefined && !this.resources.has(name);
  }

  #learn(reading: Reading<Value>, { version, body }: ReceivedItem, server: number): readonly ResourceNews<Value>[] {
    const resource = reading.name === undefined ? undefined : this.resources.get(reading.name);
    if (resource === undefined || reading.name === undefined) return [];
    const { typeUrl } = this.kind;
    const { knowledge, problems } = resource;
    // What stays in force when a new state is refused is still of the one that sent it.
    if (reading.kind === "good" || knowledge.kind !== "found") resource.from = server;
    if (reading.kind === "bad") {
      resource.problems = reading.problems;
      if (knowledge.kind === "requested") resource.knowledge = nothingKnown;
      return [{ kind: "refused", typeUrl, name: reading.name, problems: reading.problems }];
    }
    const bytes = body?.value ?? new Uint8Array();
    const isSame = knowledge.kind === "found" && Buffer.compare(knowledge.bytes, bytes) === 0;
    resource.problems = [];
    resource.knowledge = { kind: "found", value: isSame ? knowledge.value : reading.value, version, bytes };
    return isSame && problems.length === 0 ? [] : [{ kind: "found", typeUrl, name: reading.name, value: resource.knowledge.value }];
  }

  #lose(name: string, reason: MissingReason, server: number | undefined): readonly ResourceNews<Value>[] {
    const resource = this.resources.get(name);
    if (resource === undefined) return [];
    resource.from = server;
    const { knowledge } = resource;
    // Silence is taken for absence, and may be told from it later.
    if (knowledge.kind === "missing" && (knowledge.reason === reason || reason === "never sent")) return [];
    resource.knowledge = { kind: "missing", reason };
    resource.problems = [];
    return [{ kind: "missing", typeUrl: this.kind.typeUrl, name, reason }];
  }

  /** What has been sent at all, be it good or not, by this control plane or another one. */
  #knownOf(names: ReadonlySet<string>): readonly string[] {
    return [...this.resources].flatMap(([name, { knowledge, problems }]) =>
      names.has(name) && (knowledge.kind === "found" || problems.length > 0) ? [name] : [],
    );
  }
}
