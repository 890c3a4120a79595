import type { AdsRequest, AdsResponse, AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";
import type { Registry } from "./registry.ts";

/** A control plane, as the world sees it. */
export interface Plane {
  readonly registry: Registry;
  /** How many responses of a type may be under way without an answer. */
  readonly window: number;
  /** The registry has another value. */
  changed(kind: ResourceKind<string>, name: string): void;
  /** It knows all that there is. */
  complete(): void;
  /** Undefined: it does not know the variant. */
  open(variant: AdsVariant): PlaneStream | undefined;
  /** Another process takes over, with nothing in its memory. */
  restart(how: Restart): void;
  /** Whether it can say that there is no such resource, or no more. */
  tellsAbsence(kind: ResourceKind<string>, variant: AdsVariant): boolean;
}

export interface PlaneStream {
  request(request: AdsRequest): void;
  /** What it has to say now. */
  respond(): readonly AdsResponse[];
  close(): void;
}

export interface Restart {
  readonly variant: AdsVariant;
  readonly window: number;
  /** Whether it has the versions of the one before it. */
  readonly isReplica: boolean;
}
