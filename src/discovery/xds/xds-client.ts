import type { Clock } from "../../clock.ts";
import type { RandomSource } from "../../random-source.ts";
import { AddressRules } from "../address-rules.ts";
import { AdsCarrier, type AdsNews } from "./ads-carrier.ts";
import type { AdsChannel } from "./ads-channel.ts";
import { AdsClient } from "./ads-client.ts";
import type { MissingReason } from "./ads-event.ts";
import type { AdsNode } from "./ads-request.ts";
import type { ResourceKind } from "./resource-kind.ts";
import { Silences } from "./silences.ts";
import { kindsUnder, type XdsResource } from "./xds-kinds.ts";

export interface XdsClientOptions {
  /** The control planes, in the order in which they are asked. */
  readonly servers: readonly {
    /** As messages name it. */
    readonly label: string;
    readonly openChannel: () => AdsChannel;
  }[];
  readonly node: AdsNode;
  /** Where endpoints may be. Default: the usual. */
  readonly addressRules?: AddressRules | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Hears of the resources that it looks at, never within a call of its own. What it throws becomes an uncaught exception. */
export interface XdsWatcher {
  /** Something has become known: look again. */
  onChange(): void;
  /** The new state of a resource can't be used; the last good one, if there was one, stays in force. */
  onRefused(problems: string): void;
  /** A control plane brings no answers; what is known stays in force. */
  onSilence(message: string): void;
  /** The first one answers again. */
  onAnswer(): void;
}

/** What is known of one resource. */
export type Known<Value> =
  | { readonly kind: "waiting"; readonly refusal: string | undefined }
  | { readonly kind: "found"; readonly value: Value; readonly refusal: string | undefined }
  | { readonly kind: "missing"; readonly reason: MissingReason; readonly refusal: undefined };

const waiting = { kind: "waiting", refusal: undefined } as const;

/** One control plane, or several in order, as all transports of the process see them. */
export class XdsClient {
  readonly #client: AdsClient<XdsResource>;
  readonly #carrier: AdsCarrier<XdsResource>;
  readonly #clock: Clock;
  /** By resource: a resource is subscribed to while somebody watches it. */
  readonly #watchers = new Map<string, Set<XdsWatcher>>();
  readonly #labels: readonly string[];
  readonly #silences: Silences;
  #toldSilence: string | undefined;

  constructor({ servers, node, addressRules = new AddressRules(), clock, random }: XdsClientOptions) {
    this.#labels = servers.map(({ label }) => label);
    this.#silences = new Silences(this.#labels);
    this.#clock = clock;
    const openChannels = servers.map(({ openChannel }) => openChannel);
    this.#client = new AdsClient<XdsResource>({ kinds: kindsUnder(addressRules), node, random, servers: servers.length });
    this.#carrier = new AdsCarrier({ client: this.#client, openChannels, clock, onNews: (news) => this.#onNews(news) });
  }

  /** The control plane whose word counts, as messages name it. */
  get label(): string {
    return this.#labels[this.#client.server] ?? "";
  }

  /** Who brings no answers and why, if there is somebody, and who is asked instead. */
  get silence(): string | undefined {
    return this.#silences.text(this.#client.server);
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
      case "unanswered":
        this.#silences.unanswered(news, this.#clock.now());
        return this.#tellSilence();
      case "answered":
        this.#silences.answered(news.server);
        return this.#tellSilence();
      case "fallback":
        return this.#tellSilence();
      case "refused": {
        const refusal = refusalOf(news.typeUrl, news.name, news.problems);
        return this.#tell(this.#watchers.get(keyOf(news.typeUrl, news.name)) ?? [], (watcher) => watcher.onRefused(refusal));
      }
      default:
        return this.#tell(this.#watchers.get(keyOf(news.typeUrl, news.name)) ?? [], (watcher) => watcher.onChange());
    }
  }

  #tellSilence(): void {
    const { silence } = this;
    if (silence === this.#toldSilence) return;
    this.#toldSilence = silence;
    const all = new Set([...this.#watchers.values()].flatMap((watchers) => [...watchers]));
    this.#tell(all, (watcher) => (silence === undefined ? watcher.onAnswer() : watcher.onSilence(silence)));
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
