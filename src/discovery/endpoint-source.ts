import { either, having, text } from "../check-options.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Notice } from "../notice.ts";

/**
 * Says where endpoints come from. One source serves any number of watches. A transport checks what it is told: an update with anything wrong in it is refused
 * as a whole, which is an error of the source, and the last good set stays.
 */
export interface EndpointSource {
  /**
   * Starts to follow a target's endpoints. Returns at once; the observer is never called before it returned.
   *
   * @param target what follows the scheme and slashes of a target: `checkout.shop:grpc` of `xds:///checkout.shop:grpc`
   */
  watch(target: string, observer: EndpointObserver): Watch;
}

export const checkTarget = either(
  'a text such as "dns:///checkout.shop:8080", or a source with a watch method',
  text,
  having<EndpointSource>("", "watch"),
);

export interface EndpointUpdate {
  /** The whole set, never a delta. */
  readonly endpoints: readonly Endpoint[];
  /** False when the source knows that there is no such service. A service without endpoints exists. */
  readonly exists: boolean;
}

/** What a source tells about an answer that is no error. */
export type SourceNotice = Notice;

/** Hears from a watch. What a method throws becomes an uncaught exception; the watch goes on. */
export interface EndpointObserver {
  /** Ends the trouble that {@link onError} told of. After an error, a set is told again even if it is the same. */
  onUpdate(update: EndpointUpdate): void;
  /** The last set stays in force, and the source keeps trying until it is closed. An error that lasts is told once. */
  onError(error: Error): void;
  /** Holds until the next update, as far as the watch knows. Called at most once per watch, after the update that it is about. */
  onNotice?(notice: SourceNotice): void;
}

/** A running watch. After `close` the observer is not called again. */
export interface Watch {
  /** A hint that the endpoints look stale, because calls fail; a source may look sooner. */
  refresh(): void;
  close(): void;
}
