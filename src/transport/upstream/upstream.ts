import type { Balancer, Lease } from "../../balancer/balancer.ts";
import type { PickContext } from "../../balancer/pick-context.ts";
import type { Clock, Timer } from "../../clock.ts";
import type { TransportEvent } from "../events/event-catalogue.ts";
import type { Session } from "../sessions/session.ts";
import type { SessionPool } from "../sessions/session-pool.ts";
import { Activity } from "./activity.ts";
import { LookingElsewhere } from "./looking-elsewhere.ts";
import { PendingCalls } from "./pending-calls.ts";
import { Place, unmade } from "./place.ts";
import { ServiceEndpoints, type ServiceOptions } from "./service-endpoints.ts";
import { UnavailableError } from "./unavailable-error.ts";
import { endpointSnapshot, type UpstreamSnapshot } from "./upstream-snapshot.ts";

/** How many endpoints a call in line asks for a place at a time, where policies choose one after the other that has none. */
const maxAsked = 8;

/** In ms: so long {@link Upstream.ready} waits for the other first sessions, once one stands. A handshake that takes longer is no usual one. */
const choiceMs = 250;

/**
 * One service as this client sees it: it has places for attempts, which the balancer chooses among those that have a session with room. What an
 * attempt is, and in which protocol, is not known here.
 */
export class Upstream {
  /** What is under way, as far as {@link close} waits for it. A place counts until it is released. */
  readonly activity: Activity;
  readonly #target: string;
  readonly #balancer: Balancer;
  readonly #clock: Clock;
  readonly #service: ServiceEndpoints;
  readonly #pending: PendingCalls<Place>;
  /** Calls in line at endpoints that are full. */
  readonly #inLine = new LookingElsewhere<Place>();
  /** For how many attempts that are not over. */
  #placed = 0;
  #closing: Promise<void> | undefined;

  constructor(options: ServiceOptions) {
    this.activity = new Activity(options.holdsProcess);
    this.#target = options.target;
    this.#balancer = options.balancer;
    this.#clock = options.clock;
    this.#service = new ServiceEndpoints({ ...options, emit: (event) => this.#onEvent(event, options.emit) });
    this.#pending = new PendingCalls(options.clock);
  }

  /** How many endpoints are known. */
  get size(): number {
    return this.#service.pools.size;
  }

  /** The usual case of {@link acquire}, without waiting: somebody is eligible and has a session with room, and no other call waits for it. Nobody is, once closed. */
  take(context: PickContext): Place | undefined {
    return this.#pending.size > 0 ? undefined : this.#takeNow(context);
  }

  #takeNow(context: PickContext): Place | undefined {
    const service = this.#service;
    if (service.state !== "open" || this.#isFull) return undefined;
    const lease = this.#balancer.acquire(context, this.#clock.now());
    if (lease === undefined) return undefined;
    const pool = service.pools.get(lease.endpoint.id);
    const session = pool?.take();
    if (pool !== undefined && session !== undefined) return this.#place(lease, session, pool);
    this.#giveBack(lease, "abandoned");
    return undefined;
  }

  /**
   * A place for one attempt. Waits for the endpoints to be known, for a session, for room on one, or for other calls to end where limits want that.
   * Undefined when nobody is eligible: {@link explain} says why. Rejects with the signal's reason, or an `UnavailableError` when the endpoints are not known
   * in time, when too many wait, or once closed.
   *
   * @param isPatient waits for somebody to become eligible as well
   */
  async acquire(context: PickContext, signal: AbortSignal, isPatient = false): Promise<Place | undefined> {
    const service = this.#service;
    let wanted = context;
    for (let looks = 0; ; looks++) {
      this.#assertOpen();
      if (signal.aborted) throw signal.reason;
      if (service.state === "waiting") {
        await service.waitUntilKnown(signal, isPatient);
        continue;
      }
      const lease = service.state === "open" && !this.#isFull ? this.#balancer.acquire(wanted, this.#clock.now()) : undefined;
      if (lease === undefined) {
        const limit = this.#limitReached(wanted);
        if (limit !== undefined) return this.#pending.wait(() => this.#takeNow(wanted), this.#balancer.limits, limit, signal);
        if (!isPatient) return undefined;
        service.refresh();
        await service.changed.wait(signal);
        // Those that could not be reached may be back.
        wanted = { ...context, avoid: undefined };
        continue;
      }
      const pool = service.pools.get(lease.endpoint.id);
      const session = pool?.take();
      if (pool !== undefined && session !== undefined) return this.#place(lease, session, pool);
      const place = await (pool?.isOpen ? this.#waitInLine(pool, lease, wanted, signal) : this.#waitFor(pool, lease, looks, signal));
      if (place !== undefined) return place;
      this.#giveBack(lease, pool?.lastFailure === undefined ? "abandoned" : "unreachable");
    }
  }

  /** Why nobody is eligible. The source is asked to look again. */
  explain(context: PickContext): UnavailableError {
    const service = this.#service;
    service.refresh();
    if (service.state === "noSuchService") return new UnavailableError(`there is no such service as ${this.#target}: its source says so`);
    const why = this.#balancer.explain(context, this.#clock.now());
    const failures = [...service.pools].map((pool) => pool.lastFailure).filter((failure) => failure !== undefined);
    const detail = failures.length === 0 ? "" : ` (last failure: ${failures[failures.length - 1]})`;
    return new UnavailableError(`no endpoint for ${this.#target}: ${why}${detail}`);
  }

  /**
   * Resolves when attempts could go out, and have a choice: what comes in one burst would all go to the first session, and streams would stay there. Rejects
   * with the signal's reason, or an `UnavailableError` once closed.
   */
  async ready(signal: AbortSignal): Promise<void> {
    const service = this.#service;
    const { pools } = service;
    this.activity.hold();
    let timer: Timer | undefined;
    try {
      await this.#until(() => service.state === "open" && [...pools].some((pool) => pool.isOpen), signal);
      let isLate = false;
      timer = this.#clock.after(choiceMs, () => {
        isLate = true;
        service.changed.ring();
      });
      await this.#until(() => isLate || pools.warmUp.isIdle, signal);
    } finally {
      timer?.cancel();
      this.activity.release();
    }
  }

  async #until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isSo()) {
      this.#assertOpen();
      await this.#service.changed.wait(signal);
    }
  }

  inspect(): UpstreamSnapshot {
    const { state, lastError, troubledSinceMs, pools, notices, guard, snapshotTakenAtMs } = this.#service;
    const nowMs = this.#clock.now();
    const { members, panic, settings } = this.#balancer.inspect(nowMs);
    const sourceError = lastError?.message;
    const retained = guard.inspect(nowMs);
    return {
      state,
      panic,
      settings,
      notices: notices.current,
      endpoints: members.map((member) => endpointSnapshot(member, pools.get(member.endpoint.id))),
      ...(sourceError !== undefined && { sourceError }),
      ...(troubledSinceMs !== undefined && { sourceErrorForMs: nowMs - troubledSinceMs }),
      ...(retained !== undefined && { retained }),
      ...(snapshotTakenAtMs !== undefined && { snapshotAgeMs: nowMs - snapshotTakenAtMs }),
    };
  }

  /** Has no more places, lets what is under way end for so long, then cuts the rest. */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const { pools } = this.#service;
    this.#service.close();
    this.#pending.dismiss(this.#closed);
    const reason = "the transport was closed";
    const timer = this.#clock.after(graceMs, () => pools.destroyAll(reason));
    await this.activity.idle();
    timer.cancel();
    pools.retireAll(reason);
    this.activity.close();
  }

  #assertOpen(): void {
    if (this.#service.state === "closed") throw this.#closed;
  }

  get #closed(): UnavailableError {
    return new UnavailableError(`the transport for ${this.#target} is closed`);
  }

  get #isFull(): boolean {
    return this.#placed >= this.#balancer.limits.maxCalls;
  }

  /** Which limit keeps the call from having a place, as the beginning of a sentence. Undefined: none. */
  #limitReached(context: PickContext): string | undefined {
    const { maxCalls, maxCallsPerEndpoint } = this.#balancer.limits;
    if (this.#isFull) return `${maxCalls} calls to ${this.#target} are under way (limits.maxCalls)`;
    if (maxCallsPerEndpoint === Number.POSITIVE_INFINITY || this.#service.state !== "open" || !this.#balancer.isFull(context))
      return undefined;
    return `${maxCallsPerEndpoint} calls are under way on each endpoint of ${this.#target} (limits.maxCallsPerEndpoint)`;
  }

  #place(lease: Lease, session: Session, pool: SessionPool): Place {
    this.#placed++;
    return new Place(lease, session, pool, this.activity, this.#onFreed);
  }

  readonly #onFreed = (isSettled: boolean): void => {
    if (isSettled) this.#placed--;
    if (this.#pending.size > 0) this.#pending.serve();
    if (this.#inLine.size > 0) this.#inLine.look();
  };

  #onEvent(event: TransportEvent, emit: ServiceOptions["emit"]): void {
    emit(event);
    if (event.type !== "endpointReady") return;
    this.#pending.serve();
    this.#inLine.look();
  }

  /** Waits for a place at an endpoint whose sessions are full, and, unless it can have more of them, for one elsewhere: whichever comes first. */
  async #waitInLine(pool: SessionPool, lease: Lease, context: PickContext, signal: AbortSignal): Promise<Place | undefined> {
    let session: Session | undefined;
    const wait = async (patience: AbortSignal) => {
      session = await pool.wait(patience);
    };
    const find = () => (pool.isFull ? this.#takeElsewhere(context) : undefined);
    const elsewhere = await this.#inLine.during(wait, find, signal);
    const place = session && this.#place(lease, session, pool);
    if (elsewhere === undefined && place !== undefined && this.#placed > this.#balancer.limits.maxCalls) {
      place.abandon(this.#clock.now());
      return undefined;
    }
    if (elsewhere === undefined) return place;
    // Both may come in the same moment.
    if (place === undefined) this.#giveBack(lease, "abandoned");
    else place.abandon(this.#clock.now());
    return elsewhere;
  }

  /** Asks as many endpoints as may be. They are others each time. */
  #takeElsewhere(context: PickContext): Place | undefined {
    const { state, pools } = this.#service;
    const avoid = new Set(context.avoid);
    for (let asked = 0; state === "open" && !this.#isFull && asked < maxAsked; asked++) {
      const lease = this.#balancer.acquire({ ...context, avoid }, this.#clock.now());
      if (lease === undefined) return undefined;
      const pool = pools.get(lease.endpoint.id);
      const session = pool?.take();
      if (pool !== undefined && session !== undefined) return this.#place(lease, session, pool);
      this.#giveBack(lease, "abandoned");
      avoid.add(lease.endpoint.id);
    }
    return undefined;
  }

  /** Waits for any endpoint to become ready: perhaps another one is, before this one. One without a pool is of a set that is just changing. */
  async #waitFor(pool: SessionPool | undefined, lease: Lease, looks: number, signal: AbortSignal): Promise<Place | undefined> {
    if (pool && this.#service.pools.warmUp.want(pool, looks)) return undefined;
    try {
      await this.#service.changed.wait(signal);
    } catch (error) {
      this.#giveBack(lease, "abandoned");
      throw error;
    }
    const session = this.#isFull ? undefined : pool?.take();
    return pool && session && this.#place(lease, session, pool);
  }

  #giveBack(lease: Lease, kind: "abandoned" | "unreachable"): void {
    lease.settle(unmade(kind), this.#clock.now());
  }
}
