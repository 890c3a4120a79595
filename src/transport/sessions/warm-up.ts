import type { Timer } from "../../clock.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { PoolEnv, SessionPool } from "./session-pool.ts";

/** Sessions under way at once. 32 handshakes that end together hold the event loop for some 50 ms with TLS, a tenth of that without. */
const maxUnderWay = 32;

/** After so long, in ms, one that is still under way makes room: a zone that hangs must not keep those behind it waiting. */
const patienceMs = 250;

/**
 * Endpoints that are given a session before any call wants one. A session takes 40 KB, more with TLS, and more than 1,000 are seldom used by one
 * client within the 15 minutes after which an idle one is closed.
 */
const maxWarmed = 1_000;

/** Endpoints without a session that a call comes upon before it waits for whoever is ready first. */
const maxLooks = 8;

/** Opens the first session of each endpoint, a few at a time. Calls don't stand in this queue: see {@link want}. */
export class WarmUp {
  #queue: SessionPool[] = [];
  /** Those that wait for a call to want them. */
  readonly #beyond = new Set<SessionPool>();
  readonly #warmed = new Set<string>();
  /** By endpoint id, until the session stands, fails, or takes too long. */
  readonly #underWay = new Map<string, Timer>();
  readonly #env: Pick<PoolEnv, "clock" | "random">;
  readonly #zone: () => string | undefined;

  /** @param zone the client's own, which comes first */
  constructor(env: Pick<PoolEnv, "clock" | "random">, zone: () => string | undefined) {
    this.#env = env;
    this.#zone = zone;
  }

  /** Nobody is on the way to a first session, or waits for its turn. */
  get isIdle(): boolean {
    return this.#underWay.size === 0 && this.#queue.length === 0;
  }

  /** Endpoints that are new. Those beyond the bound stay idle until a call wants them, or there is room. */
  add(pools: readonly SessionPool[]): void {
    for (const pool of pools) this.#beyond.add(pool);
    const room = maxWarmed - this.#warmed.size;
    const chosen = room === 0 ? [] : this.#inOrder([...this.#beyond]).slice(0, room);
    for (const pool of chosen) {
      this.#beyond.delete(pool);
      this.#warmed.add(pool.endpoint.id);
      pool.enqueue();
    }
    this.#queue = this.#inOrder([...this.#queue, ...chosen]);
    this.#next();
  }

  remove(pool: SessionPool): void {
    this.#beyond.delete(pool);
    this.#warmed.delete(pool.endpoint.id);
    this.#forget(pool.endpoint);
  }

  /** The first session of an endpoint stands or has failed. */
  onEnd(endpoint: Endpoint): void {
    if (this.#forget(endpoint)) this.#next();
  }

  /**
   * A call has chosen an endpoint that has no session: it is dialled at once, unless it is idle and so many are under way that the call had
   * better look elsewhere. True if the call should choose again, false if it should wait for whoever is ready first.
   *
   * @param looks how often the call has asked before
   */
  want(pool: SessionPool, looks: number): boolean {
    const mayLookOn = pool.connectivity === "idle" && looks < maxLooks;
    if (!mayLookOn || this.#underWay.size < maxUnderWay) this.#dial(pool);
    return mayLookOn;
  }

  #next(): void {
    while (this.#underWay.size < maxUnderWay) {
      const pool = this.#queue.shift();
      if (pool === undefined) return;
      if (pool.isQueued) this.#dial(pool);
    }
  }

  #dial(pool: SessionPool): void {
    if (!pool.connect()) return;
    const { endpoint } = pool;
    this.#beyond.delete(pool);
    this.#forget(endpoint);
    const onLate = () => this.onEnd(endpoint);
    this.#underWay.set(endpoint.id, this.#env.clock.after(patienceMs, onLate));
  }

  #forget({ id }: Endpoint): boolean {
    this.#underWay.get(id)?.cancel();
    return this.#underWay.delete(id);
  }

  /** Healthy ones first, then by priority, then those of the own zone; among equals each client has an order of its own. */
  #inOrder(pools: readonly SessionPool[]): SessionPool[] {
    if (pools.length <= maxUnderWay) return [...pools];
    const ranked = pools.map((pool) => ({ pool, rank: this.#rank(pool.endpoint), chance: this.#env.random() }));
    ranked.sort((a, b) => a.rank - b.rank || a.chance - b.chance);
    return ranked.map(({ pool }) => pool);
  }

  #rank({ health, priority, locality }: Endpoint): number {
    const zone = this.#zone();
    const isFar = zone !== undefined && locality?.zone !== zone;
    return (health === "healthy" ? 0 : 1e9) + 2 * priority + (isFar ? 1 : 0);
  }
}
