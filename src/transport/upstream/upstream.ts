import type { Balancer } from "../../balancer/balancer.ts";
import type { Connectivity } from "../../balancer/member.ts";
import type { PickContext } from "../../balancer/pick-context.ts";
import type { Clock } from "../../clock.ts";
import type { EndpointSource, EndpointUpdate } from "../../discovery/endpoint-source.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { Notice } from "../../notice.ts";
import type { RandomSource } from "../../random-source.ts";
import type { TransportEvent } from "../events/event-catalogue.ts";
import type { Dial } from "../sessions/dial.ts";
import type { SessionOptions } from "../sessions/session-options.ts";
import { SessionPools } from "../sessions/session-pools.ts";
import type { TlsCredentials } from "../tls/tls-credentials.ts";
import { Activity } from "./activity.ts";
import { Bell } from "./bell.ts";
import { EndpointFeed } from "./endpoint-feed.ts";
import { Notices } from "./notices.ts";
import type { Place } from "./place.ts";
import { Places } from "./places.ts";
import type { Narrow } from "./subsetting.ts";
import type { UnavailableError } from "./unavailable-error.ts";
import { endpointSnapshot, type UpstreamSnapshot } from "./upstream-snapshot.ts";

export interface UpstreamOptions {
  /** As users wrote it, for errors. */
  readonly target: string;
  readonly source: EndpointSource;
  /** What the source is asked for. */
  readonly sourceName: string;
  /** How long to wait for the first endpoints, in ms. */
  readonly endpointsTimeoutMs: number;
  /** Applied to each update, before anybody else sees the endpoints. Default: none. */
  readonly narrow?: Narrow | undefined;
  readonly balancer: Balancer;
  readonly dial: Dial;
  /** What {@link dial} shows and trusts, to be followed; undefined for h2c. */
  readonly credentials: TlsCredentials | undefined;
  readonly session: SessionOptions;
  /** The client's own. */
  readonly zone: string | undefined;
  readonly emit: (event: TransportEvent) => void;
  /** Also hears of notices, once each: for users who gave no logger. */
  readonly warn?: ((notice: Notice) => void) | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/**
 * One service as this client sees it: follows its endpoints, keeps sessions to them, and has places for attempts. What an attempt is, and in which
 * protocol, is not known here.
 */
export class Upstream {
  /** What is under way, as far as {@link close} waits for it. A place counts until it is released. */
  readonly activity = new Activity();
  readonly #options: UpstreamOptions;
  readonly #pools: SessionPools;
  readonly #feed: EndpointFeed;
  readonly #notices: Notices;
  readonly #places: Places;
  readonly #changed = new Bell();
  #closing: Promise<void> | undefined;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    const { target, zone, balancer, clock } = options;
    this.#pools = this.#createPools();
    this.#notices = new Notices(target, zone, (notice) => this.#onNotice(notice));
    this.#feed = this.#createFeed();
    const { activity } = this;
    this.#places = new Places({ target, balancer, pools: this.#pools, feed: this.#feed, changed: this.#changed, activity, clock });
    // Last of what goes on by itself: a source that can't be watched leaves nothing behind.
    this.#followCredentials();
  }

  /** How many endpoints are known. */
  get size(): number {
    return this.#pools.size;
  }

  /** A place for one attempt if there is one without waiting. @throws UnavailableError once closed */
  take(context: PickContext): Place | undefined {
    return this.#places.take(context);
  }

  /**
   * A place for one attempt. Waits for the endpoints to be known, and for a session with room. Undefined when nobody is eligible: {@link explain}
   * says why. Rejects with the signal's reason, or an `UnavailableError` when the endpoints are not known in time, and once closed.
   */
  acquire(context: PickContext, signal: AbortSignal): Promise<Place | undefined> {
    return this.#places.acquire(context, signal);
  }

  /** Why {@link acquire} found nobody. */
  explain(context: PickContext): UnavailableError {
    return this.#places.explain(context);
  }

  /** Resolves as soon as an attempt could go out. Rejects with the signal's reason, or an `UnavailableError` once closed. */
  async ready(signal: AbortSignal): Promise<void> {
    this.activity.hold();
    try {
      while (![...this.#pools].some((pool) => pool.isOpen)) {
        this.#places.assertOpen();
        await this.#changed.wait(signal);
      }
    } finally {
      this.activity.release();
    }
  }

  inspect(): UpstreamSnapshot {
    const { members, panic } = this.#options.balancer.inspect(this.#options.clock.now());
    const sourceError = this.#feed.lastError?.message;
    return {
      state: this.#feed.isClosed ? "closed" : this.#feed.known ? "open" : "waiting",
      panic,
      notices: this.#notices.current,
      endpoints: members.map((member) => endpointSnapshot(member, this.#pools.get(member.endpoint.id))),
      ...(sourceError !== undefined && { sourceError }),
    };
  }

  /** Has no more places, lets what is under way end for so long, then cuts the rest. */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    this.#feed.close();
    this.#options.credentials?.close();
    const reason = "the transport was closed";
    const timer = this.#options.clock.after(graceMs, () => this.#pools.destroyAll(reason));
    await this.activity.idle();
    timer.cancel();
    this.#pools.retireAll(reason);
    this.activity.close();
  }

  #createPools(): SessionPools {
    const { clock, random, dial, session, emit, zone } = this.#options;
    return new SessionPools(
      { clock, random, dial, options: session },
      {
        onConnectivity: (endpoint, connectivity, reason) => this.#onConnectivity(endpoint, connectivity, reason),
        onSessionOpened: (endpoint) => emit({ type: "sessionOpened", endpoint }),
        onSessionClosed: (endpoint, reason) => emit({ type: "sessionClosed", endpoint, reason }),
        onRenewalFailed: (endpoint, reason) => emit({ type: "renewalFailed", endpoint, reason }),
      },
      zone,
    );
  }

  #createFeed(): EndpointFeed {
    const { source, sourceName, target, clock, endpointsTimeoutMs, emit } = this.#options;
    return new EndpointFeed({
      source,
      name: sourceName,
      target,
      clock,
      endpointsTimeoutMs,
      changed: this.#changed,
      onUpdate: (update) => this.#onUpdate(update),
      onError: (error) => emit({ type: "sourceError", error }),
      onNotice: (notice) => this.#notices.onSource(notice),
    });
  }

  #followCredentials(): void {
    const { credentials, clock, emit } = this.#options;
    credentials?.follow(clock, {
      onRenewed: () => {
        emit({ type: "credentialsRenewed" });
        this.#pools.renew("its TLS certificates were renewed");
      },
      onError: (error) => emit({ type: "credentialsError", error }),
    });
  }

  #onUpdate(update: EndpointUpdate): void {
    const { narrow, balancer, clock } = this.#options;
    const endpoints = narrow === undefined ? update.endpoints : narrow(update.endpoints);
    balancer.update(endpoints, clock.now());
    this.#pools.update(endpoints);
    this.#notices.onUpdate(update.endpoints);
  }

  #onNotice(notice: Notice): void {
    this.#options.emit({ type: "notice", ...notice });
    this.#options.warn?.(notice);
  }

  #onConnectivity(endpoint: Endpoint, connectivity: Connectivity, reason: string | undefined): void {
    const { balancer, emit, clock } = this.#options;
    balancer.observe(endpoint.id, connectivity, clock.now());
    if (connectivity === "ready") emit({ type: "endpointReady", endpoint });
    if (connectivity === "unreachable") {
      emit({ type: "endpointUnreachable", endpoint, reason: reason ?? "unknown" });
      this.#feed.refresh();
    }
    this.#changed.ring();
  }
}
