import type { RestartReason } from "./outcome.ts";

/** What can be measured of a reflector. */
export interface ReflectorStatus {
  /** In the copy. */
  readonly objects: number;
  /** Objects that could not be read, and stayed as they were. */
  readonly unreadable: number;
  /** How often all that there is has been read. */
  readonly lists: number;
  /** By reason, since it started. */
  readonly restarts: ReadonlyMap<RestartReason, number>;
  /** How long ago it was last known that nothing is missing: by an object, a bookmark, or a list. In ms; undefined before the first list. */
  readonly freshAgeMs: number | undefined;
  /** How long ago the last object came by a watch. In ms; undefined before the first one. */
  readonly eventAgeMs: number | undefined;
}
