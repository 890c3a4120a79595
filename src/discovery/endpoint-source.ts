import { either, having, text } from "../check-options.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Notice } from "../notice.ts";
import type { ServiceConfig } from "../service-config.ts";

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

/** What a source knows of a service. Each update stands for itself: what it does not say is not so. */
export type EndpointUpdate = KnownService | NoSuchService;

/** A service that there is, whether or not anybody serves. */
export interface KnownService {
  /** The whole set, never a delta. Empty: a service that has no endpoints just now. */
  readonly endpoints: readonly Endpoint[];
  readonly exists?: true | undefined;
  /** How the service is called, as far as its users do not say so themselves. One that can't be used is an error of the source, and the last good one stays. */
  readonly config?: ServiceConfig | undefined;
  /** How old what it says is, in ms, where it is not live but kept from an earlier time. Shown by `inspect()`. Default: it is live. */
  readonly snapshotAgeMs?: number | undefined;
}

/** There is no service of that name: calls fail at once. The last endpoints are kept, with all that is known of them, for when it is back. */
export interface NoSuchService {
  readonly exists: false;
  readonly endpoints?: undefined;
  readonly config?: undefined;
  readonly snapshotAgeMs?: undefined;
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
