import type { MissingReason } from "./ads-event.ts";

/** What is known of a resource that is subscribed to. */
export type Knowledge<Value> =
  /** Nothing yet. It counts as missing from `deadlineMs` on; never, while nobody was asked, or when it has come but could not be used. */
  | { readonly kind: "requested"; readonly deadlineMs: number }
  /** `version` is the resource's own and empty if it has none; `bytes` tell whether it changed. */
  | { readonly kind: "found"; readonly value: Value; readonly version: string; readonly bytes: Uint8Array }
  | { readonly kind: "missing"; readonly reason: MissingReason };

export interface WatchedResource<Value> {
  knowledge: Knowledge<Value>;
  /** Why its newest state was refused, if it was. */
  problems: readonly string[];
  /** The control plane that said so; undefined if none did. */
  from: number | undefined;
}

export const nothingKnown = { kind: "requested", deadlineMs: Number.POSITIVE_INFINITY } as const;
