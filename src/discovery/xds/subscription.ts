import type { MissingReason, ResourceNews } from "./ads-event.ts";
import { type Received, type ReceivedItem, readItem } from "./received.ts";
import type { RefusedResource } from "./refusal.ts";
import type { ReadBefore, Reading, ResourceKind } from "./resource-kind.ts";
import { nothingKnown, type WatchedResource } from "./watched-resource.ts";

/** The oldest are forgotten beyond that: a stream may live for days. */
const maxDropped = 1_000;

/** What a client wants, and knows, of one type of resources. What it knows outlives the stream. */
export class Subscription<Value> {
  readonly kind: ResourceKind<Value>;
  readonly resources = new Map<string, WatchedResource<Value>>();
  /** Of the last response of the state of the world that was accepted. */
  version = "";
  /** Of the last response on this stream. */
  nonce = "";
  /** Why that response was refused; undefined if it was not. */
  refusal: string | undefined;
  /** What was unsubscribed from on this stream and was not sent since, be it subscribed to again or not. */
  readonly dropped = new Set<string>();
  /** Whether this stream knows of the type. */
  isAnnounced = false;

  constructor(kind: ResourceKind<Value>) {
    this.kind = kind;
  }

  /** @returns those that are new */
  add(names: readonly string[], deadlineMs: number): readonly string[] {
    const added = [...new Set(names)].filter((name) => !this.resources.has(name));
    for (const name of added) this.resources.set(name, { knowledge: { ...nothingKnown, deadlineMs }, problems: [] });
    return added;
  }

  /** @returns those that were there */
  remove(names: readonly string[]): readonly string[] {
    const removed = names.filter((name) => this.resources.delete(name));
    for (const name of removed) this.dropped.add(name);
    for (const name of this.dropped.keys().take(Math.max(0, this.dropped.size - maxDropped))) this.dropped.delete(name);
    return removed;
  }

  /** A new stream knows nothing; what was never answered is waited for anew. */
  streamOpened(deadlineMs: number): void {
    this.#startWaiting(deadlineMs);
  }

  streamClosed(): void {
    this.nonce = "";
    this.refusal = undefined;
    this.dropped.clear();
    this.isAnnounced = false;
    this.#startWaiting(Number.POSITIVE_INFINITY);
  }

  /** The versions of one variant mean nothing in the other. */
  forgetVersions(): void {
    this.version = "";
    for (const resource of this.resources.values()) {
      if (resource.knowledge.kind === "found") resource.knowledge = { ...resource.knowledge, version: "" };
    }
  }

  /** Takes what is good of a response, and keeps the last good state of what is not. */
  take(received: Received): { readonly news: readonly ResourceNews<Value>[]; readonly refused: readonly RefusedResource[] } {
    const news: ResourceNews<Value>[] = [];
    const refused: RefusedResource[] = [];
    const seen = new Set<string>();
    for (const item of received.items) {
      const reading = this.#read(item, seen);
      if (reading === undefined) continue;
      if (reading.kind === "bad") refused.push(reading);
      news.push(...this.#learn(reading, item));
    }
    // Where one has no name that can be read, nobody knows which are absent.
    const tellsAbsence = received.isWhole && refused.every(({ name }) => name !== undefined);
    const gone = tellsAbsence ? this.#sentBefore() : received.removed;
    news.push(...gone.filter((name) => !seen.has(name)).flatMap((name) => this.#lose(name, "removed")));
    return { news, refused };
  }

  /** Gives up on what was not sent in time. */
  expire(nowMs: number): readonly ResourceNews<Value>[] {
    return [...this.resources].flatMap(([name, { knowledge }]) =>
      knowledge.kind === "requested" && knowledge.deadlineMs <= nowMs ? this.#lose(name, "never sent") : [],
    );
  }

  /** When {@link expire} next has something to do. */
  deadlineMs(): number {
    const waiting = this.resources.values().map(({ knowledge }) => (knowledge.kind === "requested" ? knowledge.deadlineMs : Infinity));
    return waiting.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  }

  #startWaiting(deadlineMs: number): void {
    for (const resource of this.resources.values()) {
      if (resource.knowledge.kind === "requested") resource.knowledge = { kind: "requested", deadlineMs };
    }
  }

  /** @returns undefined for what was not asked for, and for what is no news */
  #read(item: ReceivedItem, seen: Set<string>): Reading<Value> | undefined {
    const reading = this.#isUnwanted(item.name) ? undefined : readItem(item, this.kind, this.#before(item.name));
    const name = reading?.name;
    if (reading === undefined || this.#isUnwanted(name)) return undefined;
    const isTwice = name !== undefined && seen.has(name);
    if (name !== undefined) {
      seen.add(name);
      this.dropped.delete(name);
    }
    if (isTwice) return { kind: "bad", name, problems: ["comes twice in one response"] };
    return item.isHeartbeat ? undefined : reading;
  }

  #before(name: string | undefined): ReadBefore<Value> | undefined {
    const knowledge = name === undefined ? undefined : this.resources.get(name)?.knowledge;
    return knowledge?.kind === "found" ? knowledge : undefined;
  }

  #isUnwanted(name: string | undefined): boolean {
    return name !== undefined && !this.resources.has(name);
  }

  #learn(reading: Reading<Value>, { version, body }: ReceivedItem): readonly ResourceNews<Value>[] {
    const resource = reading.name === undefined ? undefined : this.resources.get(reading.name);
    if (resource === undefined || reading.name === undefined) return [];
    const { typeUrl } = this.kind;
    const { knowledge, problems } = resource;
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

  #lose(name: string, reason: MissingReason): readonly ResourceNews<Value>[] {
    const resource = this.resources.get(name);
    if (resource === undefined || resource.knowledge.kind === "missing") return [];
    resource.knowledge = { kind: "missing", reason };
    resource.problems = [];
    return [{ kind: "missing", typeUrl: this.kind.typeUrl, name, reason }];
  }

  /** What has been sent at all, be it good or not. Of the others it is not known whether the server had heard of the wish for them. */
  #sentBefore(): readonly string[] {
    return [...this.resources].flatMap(([name, { knowledge, problems }]) =>
      knowledge.kind === "found" || problems.length > 0 ? [name] : [],
    );
  }
}
