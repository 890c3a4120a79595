import type { Balancer, Lease } from "../../balancer/balancer.ts";
import { usualCode } from "../../balancer/outcome.ts";
import type { PickContext } from "../../balancer/pick-context.ts";
import type { Clock } from "../../clock.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionPool } from "../sessions/session-pool.ts";
import type { SessionPools } from "../sessions/session-pools.ts";
import type { Activity } from "./activity.ts";
import type { Bell } from "./bell.ts";
import type { EndpointFeed } from "./endpoint-feed.ts";
import { Place } from "./place.ts";
import { UnavailableError } from "./unavailable-error.ts";

export interface PlacesEnv {
  readonly target: string;
  readonly balancer: Balancer;
  readonly pools: SessionPools;
  readonly feed: EndpointFeed;
  /** Rings when an endpoint's connectivity or the set of endpoints changes. */
  readonly changed: Bell;
  readonly activity: Activity;
  readonly clock: Clock;
}

/** Finds places for attempts: the balancer says where, the pools say whether there is room. */
export class Places {
  readonly #env: PlacesEnv;

  constructor(env: PlacesEnv) {
    this.#env = env;
  }

  /** The usual case, without waiting: somebody is eligible and has a session with room. */
  take(context: PickContext): Place | undefined {
    const { balancer, pools, feed, clock } = this.#env;
    this.assertOpen();
    if (!feed.known) return undefined;
    const lease = balancer.acquire(context, clock.now());
    if (lease === undefined) return undefined;
    const pool = pools.get(lease.endpoint.id);
    const session = pool?.take();
    if (pool !== undefined && session !== undefined) return this.#place(lease, session, pool);
    this.#giveBack(lease, "abandoned");
    return undefined;
  }

  /** Waits for the endpoints to be known, for a session, or for room on one. Undefined when nobody is eligible. */
  async acquire(context: PickContext, signal: AbortSignal): Promise<Place | undefined> {
    const { balancer, pools, feed, clock } = this.#env;
    for (let looks = 0; ; looks++) {
      this.assertOpen();
      if (signal.aborted) throw signal.reason;
      if (!feed.known) {
        await feed.waitUntilKnown(signal);
        continue;
      }
      const lease = balancer.acquire(context, clock.now());
      if (lease === undefined) return undefined;
      const pool = pools.get(lease.endpoint.id);
      const session = pool?.take() ?? (await this.#waitFor(pool, lease, looks, signal));
      if (pool !== undefined && session !== undefined) return this.#place(lease, session, pool);
      this.#giveBack(lease, pool?.lastFailure === undefined ? "abandoned" : "unreachable");
    }
  }

  /** Why nobody is eligible. The source is asked to look again. */
  explain(context: PickContext): UnavailableError {
    const { balancer, pools, feed, clock, target } = this.#env;
    feed.refresh();
    const why = feed.exists ? balancer.explain(context, clock.now()) : "its source says that there is no such service";
    const failures = [...pools].map((pool) => pool.lastFailure).filter((failure) => failure !== undefined);
    const detail = failures.length === 0 ? "" : ` (last failure: ${failures[failures.length - 1]})`;
    return new UnavailableError(`no endpoint for ${target}: ${why}${detail}`);
  }

  assertOpen(): void {
    const { feed, target } = this.#env;
    if (feed.isClosed) throw new UnavailableError(`the transport for ${target} is closed`);
  }

  /**
   * Waits in line behind other attempts, or for any endpoint to become ready: perhaps another one is, before this one. An endpoint without a pool
   * is of a set that is just changing.
   */
  async #waitFor(pool: SessionPool | undefined, lease: Lease, looks: number, signal: AbortSignal): Promise<Session | undefined> {
    if (pool?.isOpen) return pool.wait(signal);
    if (pool && this.#env.pools.want(pool, looks)) return undefined;
    try {
      await this.#env.changed.wait(signal);
    } catch (error) {
      this.#giveBack(lease, "abandoned");
      throw error;
    }
    return pool?.take();
  }

  #place(lease: Lease, session: Session, pool: SessionPool): Place {
    return new Place(lease, session, pool, this.#env.activity);
  }

  #giveBack(lease: Lease, kind: "abandoned" | "unreachable"): void {
    lease.settle({ kind, processed: "no", code: usualCode[kind], latencyMs: 0 }, this.#env.clock.now());
  }
}
