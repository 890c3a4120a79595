import type { Endpoint } from "../../endpoint.ts";
import { listChange } from "../../list-change.ts";
import { type PoolEnv, type PoolListener, SessionPool } from "./session-pool.ts";
import { WarmUp } from "./warm-up.ts";

/** Renewals are spread over this time, in ms, so that servers aren't met by all handshakes at once. */
const renewalSpreadMs = 10_000;

/** The sessions of all listed endpoints, and of departed ones whose calls still run. */
export class SessionPools {
  readonly #pools = new Map<string, SessionPool>();
  #listed: readonly Endpoint[] = [];
  readonly #departed = new Set<SessionPool>();
  readonly #env: PoolEnv;
  readonly warmUp: WarmUp;

  /** @param zone the client's own, as far as it is known, which is warmed first */
  constructor(
    env: Omit<PoolEnv, "listener">,
    listener: Omit<PoolEnv["listener"], "onDrained">,
    zone: () => string | undefined = () => undefined,
  ) {
    const onDrained = (pool: SessionPool) => this.#departed.delete(pool);
    const onConnectivity: PoolListener["onConnectivity"] = (endpoint, connectivity, reason) => {
      listener.onConnectivity(endpoint, connectivity, reason);
      if (connectivity !== "connecting") this.warmUp.onEnd(endpoint);
    };
    this.#env = { ...env, listener: { ...listener, onConnectivity, onDrained } };
    this.warmUp = new WarmUp(env, zone);
  }

  /** How many endpoints are listed. */
  get size(): number {
    return this.#pools.size;
  }

  get(endpointId: string): SessionPool | undefined {
    return this.#pools.get(endpointId);
  }

  [Symbol.iterator](): IterableIterator<SessionPool> {
    return this.#pools.values();
  }

  /** Warms the sessions of new endpoints, and lets those of departed ones drain. No id comes twice. */
  update(endpoints: readonly Endpoint[]): void {
    const { came, gone } = listChange(this.#listed, endpoints);
    this.#listed = endpoints;
    const told = new Map(came.map((endpoint) => [endpoint.id, endpoint]));
    for (const { id } of gone) {
      const pool = this.#pools.get(id);
      const now = told.get(id);
      if (pool && (now === undefined || !sameAddress(now, pool.endpoint))) this.#depart(id, pool, "the endpoint is no longer listed");
    }
    const added: SessionPool[] = [];
    for (const [id, endpoint] of told) {
      if (this.#pools.has(id)) continue;
      const pool = new SessionPool(endpoint, this.#env);
      this.#pools.set(id, pool);
      added.push(pool);
    }
    this.warmUp.add(added);
  }

  /** Replaces every session without dropping a call, each endpoint at a moment of its own. */
  renew(reason: string): void {
    for (const pool of this.#pools.values()) pool.renew(reason, this.#env.random() * renewalSpreadMs);
  }

  retireAll(reason: string): void {
    for (const [id, pool] of this.#pools) this.#depart(id, pool, reason);
  }

  destroyAll(reason: string): void {
    this.retireAll(reason);
    for (const pool of this.#departed) pool.destroy(reason);
  }

  #depart(id: string, pool: SessionPool, reason: string): void {
    this.#pools.delete(id);
    this.warmUp.remove(pool);
    this.#departed.add(pool);
    pool.retire(reason);
  }
}

function sameAddress(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
