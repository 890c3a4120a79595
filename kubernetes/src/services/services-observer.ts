import type { Node } from "./read-node.ts";
import type { ServiceKey, WatchedService } from "./watched-service.ts";

/** Who hears of Services: each comes whole, changes whole, and goes. None of these may throw. */
export interface ServicesObserver {
  /** It is there, or has changed. */
  present(service: WatchedService): void;
  /** It is gone. */
  gone(service: ServiceKey): void;
  /** Where nodes are read: one is there, or has changed. */
  node?(node: Node): void;
  /** Where nodes are read: one is gone. */
  nodeGone?(name: string): void;
  /** Whatever there is has been told once: what was not told is not there. */
  complete(): void;
  /** What was told may be out of date, and why; undefined when that is over. */
  trouble(error: Error | undefined): void;
}
