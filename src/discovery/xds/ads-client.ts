import type { RandomSource } from "../../random-source.ts";
import type { AdsEvent, AdsOutput, AdsResponse, AdsVariant } from "./ads-event.ts";
import { type AdsNode, answerRequests, changeRequest, openingRequest } from "./ads-request.ts";
import { receivedOf } from "./received.ts";
import { refusalText } from "./refusal.ts";
import type { ResourceKind } from "./resource-kind.ts";
import { StreamLife } from "./stream-life.ts";
import { Subscription } from "./subscription.ts";
import type { WatchedResource } from "./watched-resource.ts";

export interface AdsClientOptions<Value> {
  /** The types of resources that can be subscribed to. A new stream asks for them in this order. */
  readonly kinds: readonly ResourceKind<Value>[];
  readonly node: AdsNode;
  readonly random: RandomSource;
  /** What the server is known to have. Default: "delta", which is tried. */
  readonly variant?: AdsVariant;
  /** How long a server may take to say anything of a resource before it counts as missing, in ms. Default: 15,000, as in gRPC. */
  readonly missingAfterMs?: number;
}

/**
 * The client's half of xDS on one aggregated stream, without the stream: it is told what happens and says what is to be done. It knows nothing of I/O, and of
 * time only what it is told.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
 * @see https://github.com/grpc/proposal/blob/master/A57-xds-client-failure-mode-behavior.md
 */
export class AdsClient<Value> {
  readonly #subscriptions: ReadonlyMap<string, Subscription<Value>>;
  readonly #node: AdsNode;
  readonly #life: StreamLife;
  readonly #missingAfterMs: number;
  #needsNode = true;

  constructor({ kinds, node, random, variant = "delta", missingAfterMs = 15_000 }: AdsClientOptions<Value>) {
    this.#subscriptions = new Map(kinds.map((kind) => [kind.typeUrl, new Subscription(kind)]));
    this.#node = node;
    this.#life = new StreamLife(variant, random);
    this.#missingAfterMs = missingAfterMs;
  }

  get variant(): AdsVariant {
    return this.#life.variant;
  }

  /** When to come with a `timer` event, unless another event changes it; `Infinity` for never. */
  get wakeAtMs(): number {
    const deadlines = this.#subscriptions.values().map((subscription) => subscription.deadlineMs());
    return deadlines.reduce((a, b) => Math.min(a, b), this.#isWanted() ? this.#life.wakeAtMs : Number.POSITIVE_INFINITY);
  }

  /** What is known of a resource; undefined if it is not subscribed to. */
  resource(typeUrl: string, name: string): Readonly<WatchedResource<Value>> | undefined {
    return this.#subscription(typeUrl).resources.get(name);
  }

  /** @throws TypeError for a subscription to a type that is not among the kinds */
  handle(event: AdsEvent, nowMs: number): readonly AdsOutput<Value>[] {
    if ("stream" in event && !this.#life.isCurrent(event.stream)) return [];
    switch (event.kind) {
      case "subscribe": {
        const subscription = this.#subscription(event.typeUrl);
        return [...this.#changed(subscription, subscription.add(event.names, this.#deadlineMs(nowMs)), []), ...this.#start(nowMs)];
      }
      case "unsubscribe": {
        const subscription = this.#subscription(event.typeUrl);
        return this.#changed(subscription, [], subscription.remove(event.names));
      }
      case "opened":
        return this.#opened(nowMs);
      case "received":
        return this.#received(event.response);
      case "closed":
        return this.#closed(event.reason, event.isUnimplemented, nowMs);
      case "timer":
        return [...this.#subscriptions.values().flatMap((subscription) => subscription.expire(nowMs)), ...this.#start(nowMs)];
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
    const stream = this.#isWanted() ? this.#life.start(nowMs) : undefined;
    return stream === undefined ? [] : [{ kind: "open", stream, variant: this.variant }];
  }

  #deadlineMs(nowMs: number): number {
    return this.#life.isOpen ? nowMs + this.#missingAfterMs : Number.POSITIVE_INFINITY;
  }

  #changed(subscription: Subscription<Value>, added: readonly string[], removed: readonly string[]): readonly AdsOutput<Value>[] {
    if (!this.#life.isOpen || added.length + removed.length === 0) return [];
    if (!subscription.isAnnounced) return this.#announce(subscription);
    return [{ kind: "send", request: changeRequest(this.variant, subscription, added, removed) }];
  }

  /** Asks for a type on this stream for the first time. Not for nothing, which would mean everything. */
  #announce(subscription: Subscription<Value>): readonly AdsOutput<Value>[] {
    if (subscription.resources.size === 0) return [];
    const request = openingRequest(this.variant, subscription, this.#needsNode ? this.#node : undefined);
    subscription.isAnnounced = true;
    this.#needsNode = false;
    return [{ kind: "send", request }];
  }

  #opened(nowMs: number): readonly AdsOutput<Value>[] {
    this.#life.opened();
    this.#needsNode = true;
    return [...this.#subscriptions.values()].flatMap((subscription) => {
      subscription.streamOpened(this.#deadlineMs(nowMs));
      return this.#announce(subscription);
    });
  }

  #received(response: AdsResponse): readonly AdsOutput<Value>[] {
    const answered: readonly AdsOutput<Value>[] = this.#life.answered() ? [{ kind: "answered" }] : [];
    const subscription = this.#subscriptions.get(response.typeUrl);
    // An answer to what was not asked on this stream would itself be a question, for everything.
    if (subscription === undefined || !subscription.isAnnounced) return answered;
    const received = receivedOf(response, subscription.kind);
    const { news, refused } = subscription.take(received);
    subscription.nonce = received.nonce;
    subscription.refusal = refused.length === 0 ? undefined : refusalText(refused, received.items.length, received.version);
    if (refused.length === 0) subscription.version = received.version;
    const answers = answerRequests(this.variant, subscription).map((request): AdsOutput<Value> => ({ kind: "send", request }));
    return [...answered, ...answers, ...news];
  }

  #closed(reason: string, isUnimplemented: boolean, nowMs: number): readonly AdsOutput<Value>[] {
    const { variant } = this;
    const failing = this.#life.closed(nowMs, isUnimplemented);
    for (const subscription of this.#subscriptions.values()) {
      subscription.streamClosed();
      if (this.variant !== variant) subscription.forgetVersions();
    }
    const unanswered: readonly AdsOutput<Value>[] = failing === undefined ? [] : [{ kind: "unanswered", reason, ...failing }];
    return [...unanswered, ...this.#start(nowMs)];
  }
}
