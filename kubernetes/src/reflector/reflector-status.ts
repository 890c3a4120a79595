import type { RestartReason } from "./outcome.ts";

/** What can be measured of a reflector. */
export interface ReflectorStatus {
  readonly objects: number;
  /** Objects that could not be read, and stayed as they were. */
  readonly unreadable: number;
  /** How often all that there is has been read. */
  readonly lists: number;
  /** By reason, since it started. */
  readonly restarts: ReadonlyMap<RestartReason, number>;
  /** Since it was last known that nothing is missing: by an object, a bookmark, or a list. Undefined before the first list. */
  readonly freshAgeMs: number | undefined;
  /** Since the last object came by a watch. Undefined before the first one. */
  readonly eventAgeMs: number | undefined;
}
