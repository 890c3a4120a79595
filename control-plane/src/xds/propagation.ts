import type { ResourceType } from "../resource.ts";
import type { TypeState } from "./type-state.ts";

/** How long changes take until the client of one stream has accepted them. */
export class Propagation {
  /** Of the latest change, in ms. */
  latestMs: number | undefined;
  /** When the first change came that is still to be sent. */
  readonly #changedAtMs = new Map<ResourceType, number>();
  /** The same, of what was sent and is not accepted. */
  readonly #sentAtMs = new Map<ResourceType, number>();

  changed(type: ResourceType, nowMs: number): void {
    if (!this.#changedAtMs.has(type)) this.#changedAtMs.set(type, nowMs);
  }

  sent(type: ResourceType): void {
    const changedAtMs = this.#changedAtMs.get(type);
    this.#changedAtMs.delete(type);
    if (changedAtMs !== undefined) this.#sentAtMs.set(type, changedAtMs);
  }

  /** There is nothing to be sent: what was thought to be a change is none. */
  settle(types: ReadonlyMap<ResourceType, TypeState>): void {
    for (const type of this.#changedAtMs.keys()) if (types.get(type)?.pending.size === 0) this.#changedAtMs.delete(type);
  }

  /** @returns how long a change took that the client has now accepted, in ms; undefined: it was none, or was refused */
  answered({ type, isUnderWay, refusal }: TypeState, nowMs: number): number | undefined {
    const changedAtMs = this.#sentAtMs.get(type);
    if (isUnderWay || changedAtMs === undefined) return undefined;
    this.#sentAtMs.delete(type);
    if (refusal !== undefined) return undefined;
    this.latestMs = nowMs - changedAtMs;
    return this.latestMs;
  }
}
