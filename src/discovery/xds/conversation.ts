import type { Subscription } from "./subscription.ts";

/** The oldest are forgotten beyond that: a stream may live for days. */
const maxDropped = 1_000;

/** What one control plane was told, and said, of one type of resources. All but the version is of one stream. */
export class Conversation<Value> {
  readonly subscription: Subscription<Value>;
  /** The control plane's place in their order. */
  readonly server: number;
  /** Of the last response of the state of the world that was accepted. */
  version = "";
  /** Of the last response. */
  nonce = "";
  /** Why that response was refused; undefined if it was not. */
  refusal: string | undefined;
  /** What was unsubscribed from and was not sent since, be it subscribed to again or not. */
  readonly dropped = new Set<string>();
  /** What the server had been asked for when it sent the next response. Of the rest, its silence says nothing. */
  asked: ReadonlySet<string> = new Set();
  /** Whether the stream knows of the type. */
  isAnnounced = false;

  constructor(subscription: Subscription<Value>, server: number) {
    this.subscription = subscription;
    this.server = server;
  }

  drop(names: readonly string[]): void {
    for (const name of names) this.dropped.add(name);
    for (const name of this.dropped.keys().take(Math.max(0, this.dropped.size - maxDropped))) this.dropped.delete(name);
  }

  /** The next response comes after it knows what is wanted now. */
  noteAsked(): void {
    if (this.subscription.kind.comesWhole) this.asked = new Set(this.subscription.resources.keys());
  }

  streamClosed(): void {
    this.nonce = "";
    this.refusal = undefined;
    this.dropped.clear();
    this.isAnnounced = false;
  }

  /** The versions of one variant mean nothing in the other. */
  forgetVersions(): void {
    this.version = "";
    this.subscription.forgetVersions(this.server);
  }
}
