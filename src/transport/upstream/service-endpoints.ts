import type { Balancer } from "../../balancer/balancer.ts";
import type { Connectivity } from "../../balancer/member.ts";
import type { EndpointUpdate } from "../../discovery/endpoint-source.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { Notice } from "../../notice.ts";
import type { RandomSource } from "../../random-source.ts";
import type { ServiceConfig } from "../../service-config.ts";
import { toError } from "../../to-error.ts";
import type { TransportEvent } from "../events/event-catalogue.ts";
import type { Dial } from "../sessions/dial.ts";
import type { SessionOptions } from "../sessions/session-options.ts";
import { SessionPools } from "../sessions/session-pools.ts";
import type { TlsCredentials } from "../tls/tls-credentials.ts";
import { Bell } from "./bell.ts";
import { EndpointFeed, type FeedOptions } from "./endpoint-feed.ts";
import { Notices } from "./notices.ts";
import type { Narrow } from "./subsetting.ts";

export interface ServiceOptions extends FeedOptions {
  /** Applied to each update, before anybody else sees the endpoints. Default: none. */
  readonly narrow?: Narrow | undefined;
  readonly balancer: Balancer;
  readonly dial: Dial;
  /** What {@link dial} shows and trusts, to be followed; undefined for h2c. */
  readonly credentials: TlsCredentials | undefined;
  readonly session: SessionOptions;
  /** The client's own. */
  readonly zone: string | undefined;
  /** Whether calls keep the process alive. Default true. */
  readonly holdsProcess?: boolean | undefined;
  readonly emit: (event: TransportEvent) => void;
  /** Also hears of notices, once each: for users who gave no logger. */
  readonly warn?: ((notice: Notice) => void) | undefined;
  readonly random: RandomSource;
}

/** The endpoints of a service and the sessions to them. What the source and the sessions tell goes to the balancer, and is told as events. */
export class ServiceEndpoints {
  /** Rings when an endpoint's connectivity or the set of endpoints changes, and at the close. */
  readonly changed = new Bell();
  readonly pools: SessionPools;
  readonly feed: EndpointFeed;
  readonly notices: Notices;
  readonly #options: ServiceOptions;

  constructor(options: ServiceOptions) {
    this.#options = options;
    const { target, zone, emit } = options;
    this.pools = this.#createPools();
    this.notices = new Notices(target, zone, (notice) => this.#onNotice(notice));
    this.feed = new EndpointFeed(options, this.changed, {
      onUpdate: (update) => this.#onUpdate(update),
      onError: (error) => emit({ type: "sourceError", error }),
      onNotice: (notice) => this.notices.onSource(notice),
    });
    // Last of what goes on by itself: a source that can't be watched leaves nothing behind.
    this.#followCredentials();
  }

  /** Hears no more of source and certificates. The sessions stay. */
  close(): void {
    this.feed.close();
    this.#options.credentials?.close();
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

  /** Where there is no such service, who was there stays known. Returns what is wrong with the service configuration. */
  #onUpdate(update: EndpointUpdate): Error | undefined {
    if (update.exists === false) return undefined;
    const { narrow, balancer, clock } = this.#options;
    const endpoints = narrow === undefined ? update.endpoints : narrow(update.endpoints);
    const refusal = this.#configure(update.config);
    balancer.update(endpoints, clock.now());
    this.pools.update(endpoints);
    this.notices.onUpdate(update.endpoints);
    return refusal;
  }

  #configure(config: ServiceConfig | undefined): Error | undefined {
    const { balancer, clock } = this.#options;
    try {
      balancer.configure(config ?? {}, clock.now());
      return undefined;
    } catch (cause) {
      return new Error(`the source's service configuration is refused, the last good one stays: ${toError(cause).message}`, { cause });
    }
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
      this.feed.refresh();
    }
    this.changed.ring();
  }
}
