import type { DescMessage } from "@bufbuild/protobuf";
import type { Interceptor, StreamResponse, Transport } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Balancer, MemberSnapshot } from "../balancer/balancer.ts";
import { BouncePermits } from "../balancer/bounce-permits.ts";
import type { Connectivity } from "../balancer/member.ts";
import { assertOptions, durationMs, such } from "../check-options.ts";
import type { Clock } from "../clock.ts";
import type { EndpointSource, EndpointUpdate } from "../discovery/endpoint-source.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Notice } from "../notice.ts";
import type { RandomSource } from "../random-source.ts";
import { Activity } from "./activity.ts";
import { Bell } from "./bell.ts";
import { CallLoop } from "./call-loop.ts";
import { ConnectAttempts } from "./connect-attempt.ts";
import { EndpointFeed } from "./endpoint-feed.ts";
import { createHttpClient } from "./http-client.ts";
import { Notices } from "./notices.ts";
import { createProtocolTransport, type Protocol, type ProtocolOptions } from "./protocol-options.ts";
import type { Dial } from "./sessions/dial.ts";
import type { SessionOptions } from "./sessions/session-options.ts";
import { SessionPools } from "./sessions/session-pools.ts";
import type { SessionPhase } from "./sessions/session-state.ts";
import { stoppable } from "./stoppable.ts";
import type { Narrow } from "./subsetting.ts";
import type { TlsCredentials } from "./tls/tls-credentials.ts";
import type { EventHub, TransportEvent } from "./transport-events.ts";

/** A Connect `Transport` that chooses an endpoint for every call. */
export interface BalancedTransport extends Transport, AsyncDisposable {
  /**
   * Resolves as soon as a call could go out: the endpoints are known and one of them has a session. Waits as long as it takes;
   * give a signal for a limit. Rejects with the signal's reason, or `unavailable` once closed.
   */
  ready(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Each endpoint, its standing, and why it is or is not eligible. A plain snapshot, safe to log as JSON. */
  inspect(): TransportSnapshot;
  /** What happens to endpoints and sessions, from now on. Also published on `diagnostics_channel` as `meshless:*:*`. */
  events(): AsyncIterableIterator<TransportEvent, undefined>;
  /** Takes no more calls, lets those in flight end for `graceMs` (default 30 000), then cuts the rest. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface TransportSnapshot {
  readonly target: string;
  /** `:authority` of the calls; undefined when it is the dialled address. */
  readonly authority: string | undefined;
  /** The zone that this client is in, if it is known. */
  readonly zone: string | undefined;
  /** `waiting` for the first endpoints, `open`, or `closed`. */
  readonly state: "waiting" | "open" | "closed";
  readonly panic: boolean;
  /** The source's trouble since its last good answer, which stays in force. */
  readonly sourceError?: string;
  /** What was asked for and does nothing, such as a zone that no endpoint is in. Empty when all is well. */
  readonly notices: readonly Notice[];
  /** Those that this client knows: with the `subset` option not all there are. */
  readonly endpoints: readonly EndpointSnapshot[];
}

export interface EndpointSnapshot extends MemberSnapshot {
  readonly sessions: readonly {
    readonly phase: SessionPhase;
    readonly streams: number;
    /** Cancelled by us, and maybe not read by the server yet: they count as open for 2 s at most. */
    readonly unreadCancels: number;
    /** What the server allows. */
    readonly maxStreams: number;
  }[];
  /** Why the last connection could not be made; absent once one could. */
  readonly lastFailure?: string;
}

export interface TransportInit {
  readonly target: string;
  readonly source: EndpointSource;
  /** What the source is asked for. */
  readonly sourceName: string;
  readonly balancer: Balancer;
  readonly hub: EventHub;
  readonly dial: Dial;
  /** What {@link dial} shows and trusts, to be followed; undefined for h2c. */
  readonly credentials: TlsCredentials | undefined;
  readonly session: SessionOptions;
  readonly protocol: Protocol;
  readonly protocolOptions: ProtocolOptions;
  readonly attemptInterceptors: readonly Interceptor[];
  readonly scheme: "http" | "https";
  readonly authority: string | undefined;
  /** Prefix of every path, without a slash at its end. */
  readonly pathPrefix: string;
  readonly zone: string | undefined;
  /** Applied to each update, before anybody else sees the endpoints. Default: none. */
  readonly narrow?: Narrow | undefined;
  /** Whether servers may bounce calls. Default false. */
  readonly pushback?: boolean | undefined;
  /** Also hears of notices, once each: for users who gave no logger. */
  readonly warn?: ((notice: Notice) => void) | undefined;
  readonly endpointsTimeoutMs: number;
  readonly clock: Clock;
  readonly random: RandomSource;
}

const checkSignal = such<AbortSignal>("an AbortSignal", (value) => value instanceof AbortSignal);

/** What URLs show for calls whose authority is only known once an endpoint is chosen (RFC 2606 keeps `.invalid` free). */
const unnamedHost = "endpoint.invalid";

/** Puts the rooms together: endpoints come in from the source, calls go out over sessions, outcomes go to the balancer. */
export class PooledTransport implements BalancedTransport {
  readonly unary: Transport["unary"];
  readonly #inner: Transport;
  readonly #init: TransportInit;
  readonly #pools: SessionPools;
  readonly #feed: EndpointFeed;
  readonly #notices: Notices;
  readonly #changed = new Bell();
  readonly #activity = new Activity();
  #closing: Promise<void> | undefined;

  constructor(init: TransportInit) {
    this.#init = init;
    this.#pools = this.#createPools();
    this.#notices = new Notices(init.target, init.zone, (notice) => this.#onNotice(notice));
    this.#feed = this.#createFeed();
    // Last of what goes on by itself: a source that can't be watched leaves nothing behind.
    this.#followCredentials();
    this.#inner = this.#createInner();
    this.unary = this.#inner.unary;
  }

  async stream<I extends DescMessage, O extends DescMessage>(...args: Parameters<Transport["stream"]>): Promise<StreamResponse<I, O>> {
    const [method, signal, ...rest] = args;
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    const unlink = () => signal?.removeEventListener("abort", onAbort);
    try {
      const response = (await this.#inner.stream(method, stop.signal, ...rest)) as StreamResponse<I, O>;
      const cancel = () => stop.abort(new ConnectError("the reader stopped", Code.Canceled));
      return { ...response, message: stoppable(response.message, cancel, unlink) };
    } catch (error) {
      unlink();
      throw error;
    }
  }

  async ready(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { signal = new AbortController().signal } = assertOptions("ready", options, { signal: checkSignal });
    this.#activity.hold();
    try {
      while (![...this.#pools].some((pool) => pool.isOpen)) {
        this.#assertOpen();
        await this.#changed.wait(signal);
      }
    } finally {
      this.#activity.release();
    }
  }

  inspect(): TransportSnapshot {
    const { target, authority, zone, balancer, clock } = this.#init;
    const { members, panic } = balancer.inspect(clock.now());
    const sourceError = this.#feed.lastError?.message;
    const state = this.#closing !== undefined ? "closed" : this.#feed.known ? "open" : "waiting";
    const endpoints = members.map((member) => this.#withSessions(member));
    const notices = this.#notices.current;
    return { target, authority, zone, state, panic, notices, endpoints, ...(sourceError !== undefined && { sourceError }) };
  }

  events(): AsyncIterableIterator<TransportEvent, undefined> {
    return this.#init.hub.events();
  }

  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    const { graceMs = 30_000 } = assertOptions("close", options, { graceMs: durationMs });
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(graceMs: number): Promise<void> {
    this.#feed.close();
    this.#init.credentials?.close();
    // Those who wait for an endpoint look again, and find the transport closed; `#closing` is set once we are past this turn.
    queueMicrotask(() => this.#changed.ring());
    const reason = "the transport was closed";
    const timer = this.#init.clock.after(graceMs, () => this.#pools.destroyAll(reason));
    await this.#activity.idle();
    timer.cancel();
    this.#pools.retireAll(reason);
    this.#activity.close();
    this.#init.hub.close();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new ConnectError(`the transport for ${this.#init.target} is closed`, Code.Unavailable);
  }

  #createPools(): SessionPools {
    const { clock, random, dial, session, hub, zone } = this.#init;
    return new SessionPools(
      { clock, random, dial, options: session },
      {
        onConnectivity: (endpoint, connectivity, reason) => this.#onConnectivity(endpoint, connectivity, reason),
        onSessionOpened: (endpoint) => hub.emit({ type: "sessionOpened", endpoint }),
        onSessionClosed: (endpoint, reason) => hub.emit({ type: "sessionClosed", endpoint, reason }),
        onRenewalFailed: (endpoint, reason) => hub.emit({ type: "renewalFailed", endpoint, reason }),
      },
      zone,
    );
  }

  #followCredentials(): void {
    const { credentials, clock, hub } = this.#init;
    credentials?.follow(clock, {
      onRenewed: () => {
        hub.emit({ type: "credentialsRenewed" });
        this.#pools.renew("its TLS certificates were renewed");
      },
      onError: (error) => hub.emit({ type: "credentialsError", error }),
    });
  }

  #createFeed(): EndpointFeed {
    const { source, sourceName, target, clock, endpointsTimeoutMs, hub } = this.#init;
    return new EndpointFeed({
      source,
      name: sourceName,
      target,
      clock,
      endpointsTimeoutMs,
      onUpdate: (update) => this.#onUpdate(update),
      onError: (error) => hub.emit({ type: "sourceError", error }),
      onNotice: (notice) => this.#notices.onSource(notice),
    });
  }

  #createInner(): Transport {
    const { scheme, authority, pathPrefix, protocol, protocolOptions, attemptInterceptors } = this.#init;
    const { balancer, clock, target, pushback } = this.#init;
    const loop = new CallLoop({
      balancer,
      pools: this.#pools,
      feed: this.#feed,
      clock,
      target,
      changed: this.#changed,
      activity: this.#activity,
      assertOpen: () => this.#assertOpen(),
      permits: pushback ? new BouncePermits() : undefined,
    });
    const attempts = new ConnectAttempts(loop, clock, attemptInterceptors);
    const origin = `${scheme}://${authority ?? unnamedHost}`;
    return createProtocolTransport(protocolOptions, {
      protocol,
      baseUrl: origin + pathPrefix,
      httpClient: createHttpClient({ attemptOf: (request) => attempts.attemptOf(request), origin, authority }),
      interceptors: [...(protocolOptions.interceptors ?? []), ...attempts.interceptors],
    });
  }

  #onUpdate(update: EndpointUpdate): void {
    const { narrow, balancer, clock } = this.#init;
    const endpoints = narrow === undefined ? update.endpoints : narrow(update.endpoints);
    balancer.update(endpoints, clock.now());
    this.#pools.update(endpoints);
    this.#notices.onUpdate(update.endpoints);
    this.#changed.ring();
  }

  #onNotice(notice: Notice): void {
    this.#init.hub.emit({ type: "notice", ...notice });
    this.#init.warn?.(notice);
  }

  #onConnectivity(endpoint: Endpoint, connectivity: Connectivity, reason: string | undefined): void {
    const { balancer, hub, clock } = this.#init;
    balancer.observe(endpoint.id, connectivity, clock.now());
    if (connectivity === "ready") hub.emit({ type: "endpointReady", endpoint });
    if (connectivity === "unreachable") {
      hub.emit({ type: "endpointUnreachable", endpoint, reason: reason ?? "unknown" });
      this.#feed.refresh();
    }
    this.#changed.ring();
  }

  #withSessions(member: MemberSnapshot): EndpointSnapshot {
    const pool = this.#pools.get(member.endpoint.id);
    const sessions = (pool?.sessions ?? []).map(({ phase, streams, unreadCancels, maxStreams }) => ({
      phase,
      streams,
      unreadCancels,
      maxStreams,
    }));
    const lastFailure = pool?.lastFailure;
    return { ...member, sessions, ...(lastFailure !== undefined && { lastFailure }) };
  }
}
