import type { Clock } from "../../clock.ts";
import type { RandomSource } from "../../random-source.ts";
import { AddressRules } from "../address-rules.ts";
import { AdsCarrier, type AdsNews } from "./ads-carrier.ts";
import type { AdsChannel } from "./ads-channel.ts";
import { AdsClient } from "./ads-client.ts";
import type { MissingReason } from "./ads-event.ts";
import type { AdsNode } from "./ads-request.ts";
import type { ResourceKind } from "./resource-kind.ts";
import { kindsUnder, type XdsResource } from "./xds-kinds.ts";

export interface XdsClientOptions {
  /** As messages name the control plane. */
  readonly label: string;
  readonly node: AdsNode;
  /** Where endpoints may be. Default: the usual. */
  readonly addressRules?: AddressRules | undefined;
  readonly channel: AdsChannel;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Hears of the resources that it looks at, never within a call of its own. What it throws becomes an uncaught exception. */
export interface XdsWatcher {
  /** Something has become known: look again. */
  onChange(): void;
  /** The new state of a resource can't be used; the last good one, if there was one, stays in force. */
  onRefused(problems: string): void;
  /** No stream brings answers; what is known stays in force. */
  onSilence(message: string): void;
  /** Answers come again. */
  onAnswer(): void;
}

/** What is known of one resource. */
export type Known<Value> =
  | { readonly kind: "waiting"; readonly refusal: string | undefined }
  | { readonly kind: "found"; readonly value: Value; readonly refusal: string | undefined }
  | { readonly kind: "missing"; readonly reason: MissingReason; readonly refusal: undefined };

const waiting = { kind: "waiting", refusal: undefined } as const;

/** One control plane, as all transports of the process see it. */
export class XdsClient {
  readonly label: string;
  readonly #client: AdsClient<XdsResource>;
  readonly #carrier: AdsCarrier<XdsResource>;
  readonly #clock: Clock;
  /** By resource: a resource is subscribed to while somebody watches it. */
  readonly #watchers = new Map<string, Set<XdsWatcher>>();
  #silence: string | undefined;
  #silentSince = "";

  constructor({ label, node, addressRules = new AddressRules(), channel, clock, random }: XdsClientOptions) {
    this.label = label;
    this.#clock = clock;
    this.#client = new AdsClient<XdsResource>({ kinds: kindsUnder(addressRules), node, random });
    this.#carrier = new AdsCarrier({ client: this.#client, channel, clock, onNews: (news) => this.#onNews(news) });
  }

  /** Why there are no answers, if there are none. */
  get silence(): string | undefined {
    return this.#silence;
  }

  known<Value extends XdsResource>({ typeUrl }: ResourceKind<Value>, name: string): Known<Value> {
    const resource = this.#client.resource(typeUrl, name);
    if (resource === undefined) return waiting;
    const { knowledge, problems } = resource;
    if (knowledge.kind === "missing") return { ...knowledge, refusal: undefined };
    const refusal = problems.length === 0 ? undefined : refusalOf(typeUrl, name, problems);
    // Each kind's reader makes the kind's values.
    return knowledge.kind === "found" ? { kind: "found", value: knowledge.value as Value, refusal } : { kind: "waiting", refusal };
  }

  watch({ typeUrl }: ResourceKind<XdsResource>, name: string, watcher: XdsWatcher): void {
    const key = keyOf(typeUrl, name);
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(watcher));
    if (watchers.size === 1) this.#carrier.handle({ kind: "subscribe", typeUrl, names: [name] });
  }

  unwatch({ typeUrl }: ResourceKind<XdsResource>, name: string, watcher: XdsWatcher): void {
    const key = keyOf(typeUrl, name);
    const watchers = this.#watchers.get(key);
    if (!watchers?.delete(watcher) || watchers.size > 0) return;
    this.#watchers.delete(key);
    this.#carrier.handle({ kind: "unsubscribe", typeUrl, names: [name] });
  }

  close(): Promise<void> {
    this.#watchers.clear();
    return this.#carrier.close();
  }

  #onNews(news: AdsNews<XdsResource>): void {
    switch (news.kind) {
      case "unanswered": {
        if (news.failures === 1) this.#silentSince = timeOf(this.#clock.now() - news.sinceMs);
        const silence = `${this.label} does not answer since ${this.#silentSince}: ${news.reason}`;
        this.#silence = silence;
        return this.#tell(this.#all(), (watcher) => watcher.onSilence(silence));
      }
      case "answered":
        this.#silence = undefined;
        return this.#tell(this.#all(), (watcher) => watcher.onAnswer());
      case "refused": {
        const refusal = refusalOf(news.typeUrl, news.name, news.problems);
        return this.#tell(this.#watchers.get(keyOf(news.typeUrl, news.name)) ?? [], (watcher) => watcher.onRefused(refusal));
      }
      default:
        return this.#tell(this.#watchers.get(keyOf(news.typeUrl, news.name)) ?? [], (watcher) => watcher.onChange());
    }
  }

  #all(): ReadonlySet<XdsWatcher> {
    return new Set([...this.#watchers.values()].flatMap((watchers) => [...watchers]));
  }

  #tell(watchers: Iterable<XdsWatcher>, call: (watcher: XdsWatcher) => void): void {
    for (const watcher of watchers) queueMicrotask(() => call(watcher));
  }
}

function keyOf(typeUrl: string, name: string): string {
  return `${typeUrl} ${name}`;
}

function refusalOf(typeUrl: string, name: string, problems: readonly string[]): string {
  return `${typeUrl.split(".").at(-1)} ${JSON.stringify(name)}: ${problems.join("; ")}`;
}

/** For people: the clock knows no dates. */
function timeOf(agoMs: number): string {
  return new Date(Date.now() - agoMs).toISOString().replace(/\.\d+Z$/, "Z");
}
