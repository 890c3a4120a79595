import type { ReflectorStatus } from "../reflector/reflector-status.ts";

/** Goes on until it is closed. */
export interface ServicesWatch {
  /** What can be measured of its copies, by the path of each collection. */
  readonly statuses: ReadonlyMap<string, ReflectorStatus>;
  /**
   * How far the EndpointSlices have been read, of several namespaces those of which most is known: a number of the apiserver, which grows. Nothing that was
   * told is of later. Undefined before the first list, or where versions are no numbers.
   */
  readonly reachedRevision: bigint | undefined;
  /** Nothing is told after that. */
  close(): void;
}
