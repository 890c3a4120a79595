import type { RandomSource } from "../../random-source.ts";
import type { AdsEvent, AdsOutput, AdsVariant } from "./ads-event.ts";
import type { AdsNode } from "./ads-request.ts";
import type { ResourceKind } from "./resource-kind.ts";
import { ServerLink } from "./server-link.ts";
import { Subscription } from "./subscription.ts";
import type { WatchedResource } from "./watched-resource.ts";

export interface AdsClientOptions<Value> {
  /** The types of resources that can be subscribed to. A new stream asks for them in this order. */
  readonly kinds: readonly ResourceKind<Value>[];
  readonly node: AdsNode;
  readonly random: RandomSource;
  /** How many control planes there are. Default: 1. */
  readonly servers?: number;
  /** What they are known to have. Default: "delta", which is tried. */
  readonly variant?: AdsVariant;
  /** How long a server may take to say anything of a resource before it counts as missing, in ms. Default: 15,000, as in gRPC. */
  readonly missingAfterMs?: number;
}

/**
 * The client's half of xDS on aggregated streams, without the streams: it is told what happens and says what is to be done. It knows nothing of I/O, and of
 * time only what it is told.
 *
 * Of several control planes the first is asked. While it does not answer and something is wanted of which nothing is known, the next one is asked and heard
 * as well; once a better one answers, the others are not asked any more. What is known is shared by all, and stays until the one that is heard says otherwise.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
 * @see https://github.com/grpc/proposal/blob/master/A57-xds-client-failure-mode-behavior.md
 * @see https://github.com/grpc/proposal/blob/master/A71-xds-fallback.md
 */
export class AdsClient<Value> {
  readonly #subscriptions: ReadonlyMap<string, Subscription<Value>>;
  /** In the order in which they are asked. */
  readonly #links: readonly ServerLink<Value>[];
  readonly #missingAfterMs: number;
  /** Those before it are tried as well, those after it are not. */
  #heard: ServerLink<Value>;
  #streams = 0;

  constructor({ kinds, node, random, servers = 1, variant = "delta", missingAfterMs = 15_000 }: AdsClientOptions<Value>) {
    this.#subscriptions = new Map(kinds.map((kind) => [kind.typeUrl, new Subscription(kind)]));
    const linkTo = (index: number) => new ServerLink(index, this.#subscriptions.values(), { node, variant, random });
    this.#heard = linkTo(0);
    this.#links = [this.#heard, ...Array.from({ length: servers - 1 }, (_, index) => linkTo(index + 1))];
    this.#missingAfterMs = missingAfterMs;
  }

  /** The control plane whose word counts. */
  get server(): number {
    return this.#heard.index;
  }

  /** In which it is spoken to. */
  get variant(): AdsVariant {
    return this.#heard.life.variant;
  }

  /** When to come with a `timer` event, unless another event changes it; `Infinity` for never. */
  get wakeAtMs(): number {
    const deadlines = this.#subscriptions.values().map((subscription) => subscription.deadlineMs());
    const starts = this.#isWanted() ? this.#asked.map(({ life }) => life.wakeAtMs) : [];
    return Math.min(...deadlines, ...starts);
  }

  /** What is known of a resource; undefined if it is not subscribed to. */
  resource(typeUrl: string, name: string): Readonly<WatchedResource<Value>> | undefined {
    return this.#subscription(typeUrl).resources.get(name);
  }

  /** @throws TypeError for a subscription to a type that is not among the kinds */
  handle(event: AdsEvent, nowMs: number): readonly AdsOutput<Value>[] {
    return [...this.#take(event, nowMs), ...this.#fallBack(), ...this.#start(nowMs)];
  }

  /** The one that is heard, and those before it. */
  get #asked(): readonly ServerLink<Value>[] {
    return this.#links.slice(0, this.#heard.index + 1);
  }

  #take(event: AdsEvent, nowMs: number): readonly AdsOutput<Value>[] {
    switch (event.kind) {
      case "subscribe": {
        const added = this.#subscription(event.typeUrl).add(event.names, this.#deadlineMs(nowMs));
        return this.#asked.flatMap((link) => link.changed(event.typeUrl, added, []));
      }
      case "unsubscribe": {
        const removed = this.#subscription(event.typeUrl).remove(event.names);
        return this.#asked.flatMap((link) => link.changed(event.typeUrl, [], removed));
      }
      case "timer":
        return [...this.#subscriptions.values().flatMap((subscription) => subscription.expire(nowMs))];
      default: {
        const link = this.#asked.find(({ life }) => life.stream === event.stream);
        return link === undefined ? [] : this.#happened(link, event, nowMs);
      }
    }
  }

  #happened(link: ServerLink<Value>, event: Extract<AdsEvent, { stream: number }>, nowMs: number): readonly AdsOutput<Value>[] {
    const isHeard = link === this.#heard;
    switch (event.kind) {
      case "opened": {
        const isWaiting = !isHeard && this.#isOpen;
        const outputs = link.opened(event.stream, isHeard);
        if (!isWaiting) this.#wait(nowMs);
        return outputs;
      }
      case "received":
        return [...(isHeard ? [] : this.#return(link, nowMs)), ...link.received(event.stream, event.response)];
      case "closed": {
        const outputs = link.closed(event.reason, event.isUnimplemented, nowMs);
        if (!this.#isOpen) this.#wait(nowMs);
        return outputs;
      }
    }
  }

  #subscription(typeUrl: string): Subscription<Value> {
    const subscription = this.#subscriptions.get(typeUrl);
    if (subscription === undefined) throw new TypeError(`no such type of resources: ${typeUrl}`);
    return subscription;
  }

  #isWanted(): boolean {
    return this.#subscriptions.values().some(({ resources }) => resources.size > 0);
  }

  #start(nowMs: number): readonly AdsOutput<Value>[] {
    const due = this.#isWanted() ? this.#asked.filter(({ life }) => life.isDue(nowMs)) : [];
    return due.map((link) => link.open(++this.#streams));
  }

  #fallBack(): readonly AdsOutput<Value>[] {
    const next = this.#links[this.#heard.index + 1];
    const isNeeded = this.#heard.life.isFailing && this.#subscriptions.values().some((subscription) => subscription.isIncomplete);
    if (next === undefined || !isNeeded) return [];
    this.#heard = next;
    return [{ kind: "fallback", server: next.index }];
  }

  /** A better one answers. */
  #return(link: ServerLink<Value>, nowMs: number): readonly AdsOutput<Value>[] {
    const others = this.#links.slice(link.index + 1, this.#heard.index + 1);
    this.#heard = link;
    this.#wait(nowMs);
    return others.map((other) => other.stop());
  }

  /** Whether there is a stream on which an answer may come: if the one that is heard can't be reached either, from one of the others. */
  get #isOpen(): boolean {
    return this.#asked.some(({ life }) => life.isOpen);
  }

  #deadlineMs(nowMs: number): number {
    return this.#isOpen ? nowMs + this.#missingAfterMs : Number.POSITIVE_INFINITY;
  }

  /** What nobody spoke of yet is waited for anew. */
  #wait(nowMs: number): void {
    for (const subscription of this.#subscriptions.values()) subscription.startWaiting(this.#deadlineMs(nowMs));
  }
}
