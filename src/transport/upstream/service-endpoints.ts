import type { Balancer } from "../../balancer/balancer.ts";
import type { Position } from "../../balancer/levels/border.ts";
import type { Connectivity } from "../../balancer/member.ts";
import { ShrinkGuard, type ShrinkGuardOptions } from "../../balancer/shrink-guard.ts";
import { Bell } from "../../bell.ts";
import type { Clock, Timer } from "../../clock.ts";
import { CheckedWatch } from "../../discovery/checked-watch.ts";
import type { EndpointSource, EndpointUpdate, Watch } from "../../discovery/endpoint-source.ts";
import type { Endpoint } from "../../endpoint.ts";
import { FollowingSignal } from "../../following-signal.ts";
import type { Notice } from "../../notice.ts";
import type { RandomSource } from "../../random-source.ts";
import type { ServiceConfig } from "../../service-config.ts";
import { toError } from "../../to-error.ts";
import type { TransportEvent } from "../events/event-catalogue.ts";
import type { Dial } from "../sessions/dial.ts";
import type { OutOfBandOptions, ReportsWanted } from "../sessions/out-of-band.ts";
import type { PingPaces } from "../sessions/ping-pace.ts";
import type { SessionOptions } from "../sessions/session-options.ts";
import { SessionPools } from "../sessions/session-pools.ts";
import type { TlsCredentials } from "../tls/tls-credentials.ts";
import { Notices } from "./notices.ts";
import type { Narrow } from "./subsetting.ts";
import { UnavailableError } from "./unavailable-error.ts";
import type { UpstreamSnapshot } from "./upstream-snapshot.ts";

/** How often retained endpoints are looked at, in ms, beside what sessions tell at once: for ejections, claims to be draining, and the time. */
const reviewIntervalMs = 1_000;

export interface ServiceOptions {
  /** As users wrote it, for errors. */
  readonly target: string;
  readonly source: EndpointSource;
  /** What the source is asked for. */
  readonly sourceName: string;
  /** How long a call waits for the first endpoints, in ms. */
  readonly endpointsTimeoutMs: number;
  /** Applied to each update, before anybody else sees the endpoints. Default: none. */
  readonly narrow?: Narrow | undefined;
  readonly balancer: Balancer;
  readonly shrinkGuard?: ShrinkGuardOptions | false | undefined;
  readonly dial: Dial;
  /** What {@link dial} shows and trusts, to be followed; undefined for h2c. */
  readonly credentials: TlsCredentials | undefined;
  readonly session: SessionOptions;
  /** Whether a lost session is followed by another one at once. Default true; otherwise when a call wants one. */
  readonly reopens?: boolean | undefined;
  /** How often endpoints are pinged, as far as that is known from transports of before. */
  readonly pingPaces?: PingPaces | undefined;
  /** How servers are asked for reports beside calls. Default: not at all. */
  readonly outOfBand?: OutOfBandOptions | undefined;
  /** Whether calls keep the process alive. Default true. */
  readonly holdsProcess?: boolean | undefined;
  /** Hears of each service configuration that is in force from now on. */
  readonly onConfig?: ((config: ServiceConfig) => void) | undefined;
  readonly emit: (event: TransportEvent) => void;
  /** Also hears of notices, once each: for users who gave no logger. */
  readonly warn?: ((notice: Notice) => void) | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/**
 * The endpoints of a service and the sessions to them. What the source and the sessions tell goes to the balancer, and is told as events. Others
 * only read its fields.
 */
export class ServiceEndpoints {
  state: UpstreamSnapshot["state"] = "waiting";
  /** The source's trouble since its last good answer. */
  lastError: Error | undefined;
  /** Since when it is in trouble, by the clock. */
  troubledSinceMs: number | undefined;
  /** Rings when an endpoint's connectivity or the set of endpoints changes, and at the close. */
  readonly changed = new Bell();
  readonly pools: SessionPools;
  readonly notices: Notices;
  readonly guard: ShrinkGuard;
  /** Where the endpoints come from a snapshot, when it was taken, by the clock. */
  snapshotTakenAtMs: number | undefined;
  /** Undefined: there is no such service. */
  #listed: readonly Endpoint[] | undefined;
  #review: Timer | undefined;
  readonly #watch: Watch;
  readonly #options: ServiceOptions;

  constructor(options: ServiceOptions) {
    this.#options = options;
    const { target, source, sourceName, shrinkGuard = {}, emit } = options;
    this.pools = this.#createPools();
    this.guard = new ShrinkGuard(shrinkGuard, emit);
    this.notices = new Notices(target, (notice) => this.#onNotice(notice));
    this.#watch = new CheckedWatch(source, sourceName, {
      onUpdate: (update) => this.#onUpdate(update),
      onError: (error) => this.#onError(error),
      onNotice: (notice) => this.notices.onSource(notice),
    });
    // Last of what goes on by itself: a source that can't be watched leaves nothing behind.
    this.#followCredentials();
  }

  /** Calls fail: the endpoints may have moved. */
  refresh(): void {
    this.#watch.refresh();
  }

  /** Waits for the first answer or the close, at most `endpointsTimeoutMs`; then throws an {@link UnavailableError} that says what it waited for. */
  async waitUntilKnown(signal: AbortSignal, isPatient = false): Promise<void> {
    const { clock, endpointsTimeoutMs, target } = this.#options;
    const patience = new FollowingSignal();
    patience.follow(signal);
    const timer = clock.after(isPatient ? Number.POSITIVE_INFINITY : endpointsTimeoutMs, () => {
      const because = this.lastError?.message ?? "its source has not answered";
      patience.abort(new UnavailableError(`no endpoints for ${target} within ${endpointsTimeoutMs} ms: ${because}`));
    });
    try {
      while (this.state === "waiting") await this.changed.wait(patience.signal);
    } finally {
      timer.cancel();
      patience.unfollow();
    }
  }

  /** Hears no more of source and certificates. The sessions stay. */
  close(): void {
    this.state = "closed";
    this.#watch.close();
    this.#review?.cancel();
    this.changed.ring();
    this.#options.credentials?.close();
  }

  #createPools(): SessionPools {
    const { clock, random, dial, session, reopens, pingPaces, emit, balancer } = this.#options;
    return new SessionPools(
      { clock, random, dial, options: session, reopens, pingPaces, reports: this.#reportsWanted() },
      {
        onConnectivity: (endpoint, connectivity, reason) => this.#onConnectivity(endpoint, connectivity, reason),
        onSessionOpened: (endpoint) => emit({ type: "sessionOpened", endpoint }),
        onSessionClosed: (endpoint, { reason, disconnectError }, wasOpen) =>
          emit({ type: "sessionClosed", endpoint, reason, disconnectError, wasOpen }),
        onPong: (endpoint, durationMs) => emit({ type: "pingAnswered", endpoint, durationMs }),
        onRenewalFailed: (endpoint, reason) => emit({ type: "renewalFailed", endpoint, reason }),
      },
      () => balancer.position.zone,
    );
  }

  #reportsWanted(): ReportsWanted | undefined {
    const { outOfBand, balancer, clock } = this.#options;
    return (
      outOfBand && {
        ...outOfBand,
        onReport: ({ id }, report) => {
          this.notices.onReport();
          balancer.observe(id, report, clock.now());
        },
        onDeclined: (endpoint) => this.notices.onReportsDeclined(endpoint),
      }
    );
  }

  #followCredentials(): void {
    const { credentials, clock, emit } = this.#options;
    credentials?.follow(clock, {
      onRenewed: () => {
        emit({ type: "credentialsRenewed" });
        this.pools.renew("its TLS certificates were renewed");
      },
      onError: (error) => emit({ type: "credentialsError", error }),
    });
  }

  #onUpdate(update: EndpointUpdate): void {
    const before = this.lastError?.message;
    const { narrow, balancer, clock } = this.#options;
    const { endpoints, snapshotAgeMs } = update;
    const nowMs = clock.now();
    this.#setError(endpoints === undefined ? undefined : this.#configure(update.config));
    this.snapshotTakenAtMs = snapshotAgeMs === undefined ? undefined : nowMs - snapshotAgeMs;
    const { position } = balancer;
    const allowed = endpoints && onOwnNode(endpoints, position);
    this.#listed = allowed === undefined || narrow === undefined ? allowed : narrow(allowed, position.zone);
    const retained = this.guard.update(this.#listed ?? [], (id) => balancer.livenessOf(id, nowMs), nowMs);
    this.#apply();
    this.#options.emit({ type: "endpointsUpdated", listed: this.#listed?.length });
    // A session without calls may be to a peer that is long gone.
    for (const { id } of retained) this.pools.get(id)?.probe();
    if (allowed !== undefined) this.notices.onUpdate(allowed, position);
    // It may be wrong again and again.
    if (this.lastError !== undefined && this.lastError.message !== before) this.#onError(this.lastError);
    this.changed.ring();
  }

  #onError(error: Error): void {
    this.#setError(error);
    this.#options.emit({ type: "sourceError", error });
  }

  #setError(error: Error | undefined): void {
    this.lastError = error;
    this.troubledSinceMs = error && (this.troubledSinceMs ?? this.#options.clock.now());
  }

  /** Returns what is wrong with the service configuration. */
  #configure(config: ServiceConfig | undefined): Error | undefined {
    const { balancer, clock, onConfig } = this.#options;
    try {
      balancer.configure(config ?? {}, clock.now());
      onConfig?.(config ?? {});
      return undefined;
    } catch (cause) {
      return new Error(`the source's service configuration is refused, the last good one stays: ${toError(cause).message}`, { cause });
    }
  }

  /** Makes members of those that are listed and those that are retained. Where there is no such service, who was there stays known. */
  #apply(): void {
    const { balancer, clock } = this.#options;
    const { retained, isRetaining } = this.guard;
    this.state = this.#listed === undefined && !isRetaining ? "noSuchService" : "open";
    if (this.#listed !== undefined) {
      const endpoints = isRetaining ? [...this.#listed, ...retained] : this.#listed;
      balancer.update(endpoints, clock.now());
      this.pools.update(endpoints);
    }
    this.#reviewLater();
  }

  #reviewLater(): void {
    this.#review?.cancel();
    if (this.guard.isRetaining) this.#review = this.#options.clock.after(reviewIntervalMs, () => this.#reviewRetained());
  }

  #reviewRetained(): void {
    if (this.state === "closed" || !this.guard.isRetaining) return;
    const { balancer, clock } = this.#options;
    const nowMs = clock.now();
    if (!this.guard.review((id) => balancer.livenessOf(id, nowMs), nowMs)) return this.#reviewLater();
    this.#apply();
    this.changed.ring();
  }

  #onNotice(notice: Notice): void {
    this.#options.emit({ type: "notice", ...notice });
    this.#options.warn?.(notice);
  }

  #onConnectivity(endpoint: Endpoint, connectivity: Connectivity, reason: string | undefined): void {
    const { balancer, emit, clock } = this.#options;
    balancer.observe(endpoint.id, connectivity, clock.now());
    if (connectivity === "ready") emit({ type: "endpointReady", endpoint });
    if (connectivity !== "connecting") this.#reviewRetained();
    if (connectivity === "unreachable") {
      emit({ type: "endpointUnreachable", endpoint, reason: reason ?? "unknown" });
      this.refresh();
    }
    this.changed.ring();
  }
}

/** Where nobody else may be called, those of the client's own node. A client that does not know its node can't tell. */
function onOwnNode(endpoints: readonly Endpoint[], { affinity, node }: Position): readonly Endpoint[] {
  if (affinity !== "nodeOnly" || node === undefined) return endpoints;
  return endpoints.filter(({ labels }) => labels.node === node);
}
