import type { RandomSource } from "../../random-source.ts";
import type { AdsOutput, AdsRequest, AdsResponse, AdsVariant } from "./ads-event.ts";
import { type AdsNode, answerRequests, changeRequest, openingRequest } from "./ads-request.ts";
import { Conversation } from "./conversation.ts";
import { receivedOf } from "./received.ts";
import { refusalText } from "./refusal.ts";
import { StreamLife } from "./stream-life.ts";
import type { Subscription } from "./subscription.ts";

export interface ServerLinkOptions {
  readonly node: AdsNode;
  readonly variant: AdsVariant;
  readonly random: RandomSource;
}

/** One control plane: its stream, and what is said on it. */
export class ServerLink<Value> {
  /** Its place in their order. */
  readonly index: number;
  readonly life: StreamLife;
  readonly #conversations: ReadonlyMap<string, Conversation<Value>>;
  readonly #node: AdsNode;
  #needsNode = true;
  #mayClaimVersions = true;

  constructor(index: number, subscriptions: Iterable<Subscription<Value>>, { node, variant, random }: ServerLinkOptions) {
    this.index = index;
    this.life = new StreamLife(variant, random);
    this.#conversations = new Map([...subscriptions].map((each) => [each.kind.typeUrl, new Conversation(each, index)]));
    this.#node = node;
  }

  open(stream: number): AdsOutput<Value> {
    this.life.opening(stream);
    return { kind: "open", server: this.index, stream, variant: this.life.variant };
  }

  /** Asks for all that is wanted, on a stream that knows nothing. */
  opened(stream: number, mayClaimVersions: boolean): readonly AdsOutput<Value>[] {
    this.life.opened(stream);
    this.#needsNode = true;
    this.#mayClaimVersions = mayClaimVersions;
    return [...this.#conversations.values()].flatMap((conversation) => this.#announce(conversation));
  }

  /** More is wanted, or less. */
  changed(typeUrl: string, added: readonly string[], removed: readonly string[]): readonly AdsOutput<Value>[] {
    const conversation = this.#conversations.get(typeUrl);
    if (conversation === undefined || !this.life.isOpen || added.length + removed.length === 0) return [];
    if (!conversation.isAnnounced) return this.#announce(conversation);
    conversation.drop(removed);
    return [this.#send(changeRequest(this.life.variant, conversation, added, removed))];
  }

  received(stream: number, response: AdsResponse): readonly AdsOutput<Value>[] {
    const answered: readonly AdsOutput<Value>[] = this.life.answered(stream) ? [{ kind: "answered", server: this.index }] : [];
    const conversation = this.#conversations.get(response.typeUrl);
    // An answer to what was not asked on this stream would itself be a question, for everything.
    if (conversation === undefined || !conversation.isAnnounced) return answered;
    const { subscription, dropped, asked } = conversation;
    const received = receivedOf(response, subscription.kind);
    const { news, refused, seen } = subscription.take(received, this.index, asked);
    conversation.noteAsked();
    for (const name of seen) dropped.delete(name);
    conversation.nonce = received.nonce;
    conversation.refusal = refused.length === 0 ? undefined : refusalText(refused, received.items.length, received.version);
    if (refused.length === 0) conversation.version = received.version;
    return [...answered, ...answerRequests(this.life.variant, conversation).map((request) => this.#send(request)), ...news];
  }

  closed(reason: string, isUnimplemented: boolean, nowMs: number): readonly AdsOutput<Value>[] {
    const { variant } = this.life;
    const failing = this.life.closed(nowMs, isUnimplemented);
    for (const conversation of this.#conversations.values()) {
      conversation.streamClosed();
      if (this.life.variant !== variant) conversation.forgetVersions();
    }
    return failing === undefined ? [] : [{ kind: "unanswered", server: this.index, reason, ...failing }];
  }

  /** It is not needed any more. */
  stop(): AdsOutput<Value> {
    this.life.stop();
    for (const conversation of this.#conversations.values()) conversation.streamClosed();
    return { kind: "close", server: this.index };
  }

  /** Asks for a type on this stream for the first time. Not for nothing, which would mean everything. */
  #announce(conversation: Conversation<Value>): readonly AdsOutput<Value>[] {
    if (conversation.subscription.resources.size === 0) return [];
    const node = this.#needsNode ? this.#node : undefined;
    this.#needsNode = false;
    conversation.isAnnounced = true;
    conversation.noteAsked();
    return [this.#send(openingRequest(this.life.variant, conversation, node, this.#mayClaimVersions))];
  }

  #send(request: AdsRequest): AdsOutput<Value> {
    return { kind: "send", server: this.index, request };
  }
}
