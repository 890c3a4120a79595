import { durationMs, optionsOf, share, whole } from "../check-options.ts";
import type { Endpoint } from "../endpoint.ts";
import { hostAndPort } from "../host-and-port.ts";
import { type ListChange, listChange } from "../list-change.ts";
import type { Liveness } from "./members/liveness.ts";

/** When an update that leaves out endpoints is doubted. */
export interface ShrinkGuardOptions {
  /** The share of the endpoints that served before that must be listed and serve, lest those that were left out be retained; 0 to 1. 0: one is enough. Default 0.5. */
  readonly minShare?: number | undefined;
  /** How long an endpoint is retained at most, in ms. Default 600 000. */
  readonly maxMs?: number | undefined;
  /** How many are retained at most. Default 10 000. */
  readonly maxEndpoints?: number | undefined;
}

export const checkShrinkGuard = optionsOf<ShrinkGuardOptions>({ minShare: share, maxMs: durationMs, maxEndpoints: whole(1) });

/** What the shrink guard did. */
export type ShrinkGuardEvent =
  /** Too few of those that `served` before an update are `listed` and serve: others that do are retained, so many in all. */
  | {
      readonly type: "endpointsRetained";
      readonly retained: number;
      readonly listed: number;
      readonly served: number;
      readonly forMs: number;
    }
  /** No endpoint is retained any more. */
  | { readonly type: "endpointsReleased"; readonly reason: string };

/** Endpoints that are no longer listed, and are kept because they serve. */
export interface RetainedSnapshot {
  readonly endpointIds: readonly string[];
  /** How many served before the first of them was left out. */
  readonly served: number;
  /** Ms until the last of them is given up, whatever it does. */
  readonly forMs: number;
}

interface Retained {
  readonly endpoint: Endpoint;
  readonly untilMs: number;
}

/** What is known of an endpoint by its id. */
export type LivenessOf = (endpointId: string) => Liveness;

/**
 * Doubts a source that leaves out most of the endpoints that serve: an empty set, one that shrank sharply, or one of endpoints that can't be reached. Those that
 * were left out go on as before, until enough of those that are listed serve, they themselves do not any more, or their time is over. Whoever is listed
 * comes in at once. An endpoint that drained before it left is not missed, nor one whose address another has now.
 *
 * Pure: it is told what serves, and when.
 */
export class ShrinkGuard {
  readonly #minShare: number;
  readonly #maxMs: number;
  readonly #maxEndpoints: number;
  readonly #onEvent: (event: ShrinkGuardEvent) => void;
  #listed: readonly Endpoint[] = [];
  readonly #retained = new Map<string, Retained>();
  #served = 0;

  constructor(options: ShrinkGuardOptions | false, onEvent: (event: ShrinkGuardEvent) => void) {
    const { minShare = 0.5, maxMs = 600_000, maxEndpoints = 10_000 } = options || { maxEndpoints: 0 };
    this.#minShare = minShare;
    this.#maxMs = maxMs;
    this.#maxEndpoints = maxEndpoints;
    this.#onEvent = onEvent;
  }

  /** Those that are to be kept though they are not listed. */
  get retained(): readonly Endpoint[] {
    return [...this.#retained.values()].map(({ endpoint }) => endpoint);
  }

  get isRetaining(): boolean {
    return this.#retained.size > 0;
  }

  /**
   * Takes what a source lists: nothing, where it says that there is no such service.
   *
   * @param livenessOf before the update
   * @returns those that are retained from now on
   */
  update(listed: readonly Endpoint[], livenessOf: LivenessOf, nowMs: number): readonly Endpoint[] {
    const wasRetaining = this.isRetaining;
    const before = this.#listed;
    this.#listed = listed;
    if (!wasRetaining && this.#isHarmless(listChange(before, listed), livenessOf)) return [];
    const ids = new Set(listed.map(({ id }) => id));
    const addresses = new Set(listed.map(addressOf));
    const isListed = (endpoint: Endpoint) => ids.has(endpoint.id) || addresses.has(addressOf(endpoint));
    for (const { endpoint } of this.#retained.values()) if (isListed(endpoint)) this.#retained.delete(endpoint.id);
    const served = before.filter(({ id }) => livenessOf(id) === "serving");
    const left = served.filter((endpoint) => !isListed(endpoint));
    if (!wasRetaining) this.#served = served.length;
    for (const endpoint of left.slice(0, this.#maxEndpoints - this.#retained.size)) {
      this.#retained.set(endpoint.id, { endpoint, untilMs: nowMs + this.#maxMs });
    }
    const reason = this.#release(livenessOf, nowMs);
    if (left.length > 0 && this.isRetaining) this.#tellRetained();
    else if (wasRetaining && !this.isRetaining) this.#onEvent({ type: "endpointsReleased", reason });
    return left.filter(({ id }) => this.#retained.has(id));
  }

  /** To be called when something may serve that did not, or the other way round, and as time passes. True if fewer are retained now. */
  review(livenessOf: LivenessOf, nowMs: number): boolean {
    const before = this.#retained.size;
    if (before === 0) return false;
    const reason = this.#release(livenessOf, nowMs);
    if (!this.isRetaining) this.#onEvent({ type: "endpointsReleased", reason });
    return this.#retained.size < before;
  }

  inspect(nowMs: number): RetainedSnapshot | undefined {
    if (!this.isRetaining) return undefined;
    const untilMs = this.#retained.values().reduce((latest, retained) => Math.max(latest, retained.untilMs), -Infinity);
    return { endpointIds: [...this.#retained.keys()], served: this.#served, forMs: Math.max(0, untilMs - nowMs) };
  }

  /** Whether so few that serve are left out that all of those need not be counted: of thousands, a few make up for one. */
  #isHarmless({ came, gone }: ListChange<Endpoint>, livenessOf: LivenessOf): boolean {
    const ids = new Set(came.map(({ id }) => id));
    const missed = gone.filter(({ id }) => !ids.has(id) && livenessOf(id) === "serving").length;
    if (missed === 0 || this.#maxEndpoints === 0) return true;
    return this.#areServing(Math.max(1, (this.#minShare * missed) / (1 - this.#minShare)), livenessOf);
  }

  /** @returns why the last of them went, if they all did */
  #release(livenessOf: LivenessOf, nowMs: number): string {
    let reason = this.isRetaining ? "they no longer serve" : "the source lists them again";
    for (const [id, { untilMs }] of this.#retained) {
      if (nowMs >= untilMs) reason = `the source has left them out for ${this.#maxMs / 1_000} s`;
      else if (livenessOf(id) !== "gone") continue;
      this.#retained.delete(id);
    }
    if (this.isRetaining && this.#areServing(Math.max(1, this.#minShare * this.#served), livenessOf)) {
      this.#retained.clear();
      reason = "enough of those that are listed serve";
    }
    return reason;
  }

  /** Whether so many of those that are listed serve. */
  #areServing(enough: number, livenessOf: LivenessOf): boolean {
    let serving = 0;
    for (const { id } of this.#listed) {
      if (livenessOf(id) === "serving") serving += 1;
      if (serving >= enough) return true;
    }
    return false;
  }

  #tellRetained(): void {
    const { size: retained } = this.#retained;
    this.#onEvent({ type: "endpointsRetained", retained, listed: this.#listed.length, served: this.#served, forMs: this.#maxMs });
  }
}

function addressOf({ address, port }: Endpoint): string {
  return hostAndPort(address, port);
}
