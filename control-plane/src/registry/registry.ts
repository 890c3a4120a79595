import type { Measure } from "../measure.ts";
import type { Service } from "../service.ts";

/** Where services come from. It knows nothing of xDS. */
export interface Registry {
  /** For logs, such as `file:services.yaml`. */
  readonly description: string;
  /** Starts to tell. It keeps trying in the face of errors until it is closed, and says nothing after that. */
  watch(observer: RegistryObserver): RegistryWatch;
}

/** What a control plane asks of a registry that it watches. */
export interface RegistryWatch {
  /** For operators. Default: nothing but what is measured of every registry. */
  readonly measures?: readonly Measure[];
  /**
   * How far it has read: a number that grows, and means the same to all who read there. Nothing that it has told is of later, and what is of before it tells
   * within some 200 ms. By it clients are not taken back in time by a replica that is behind another. Default: not known.
   */
  readonly reachedRevision?: bigint | undefined;
  /** Nothing is told after that. */
  close(): void;
}

/** Who hears of services: each comes whole, changes whole, and goes. None of these may throw. */
export interface RegistryObserver {
  /** It is there, or has changed. */
  present(service: Service): void;
  /** It is gone. Nothing, if it was never there. */
  gone(name: string): void;
  /** Where a node is, for clients that know theirs by its name; undefined when it is gone. */
  node?(name: string, place: { readonly region: string; readonly zone: string } | undefined): void;
  /** Whatever there is has been told once. Until then clients are told nothing, since what is not there yet would read as gone. */
  complete(): void;
  /** What was told may be out of date, and why; undefined when that is over. */
  trouble(error: Error | undefined): void;
}
