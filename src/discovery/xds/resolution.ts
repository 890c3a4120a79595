import type { Endpoint } from "../../endpoint.ts";
import type { ServiceConfig } from "../../service-config.ts";
import type { MissingReason } from "./ads-event.ts";
import type { ResourceKind } from "./resource-kind.ts";
import type { Known } from "./xds-client.ts";
import type { XdsResource } from "./xds-kinds.ts";

/** Looks a resource up; whoever asks for it is told when it changes. */
export type Lookup = <Value extends XdsResource>(kind: ResourceKind<Value>, name: string) => Known<Value>;

/** What the resources say of a target, as far as they are known. */
export type Resolution =
  | { readonly kind: "waiting" }
  | { readonly kind: "resolved"; readonly endpoints: readonly Endpoint[]; readonly config: ServiceConfig }
  /** The control plane knows no such target. */
  | { readonly kind: "missing"; readonly reason: MissingReason }
  /** They contradict each other, or say what this client can't do: what was known stays in force. */
  | { readonly kind: "unusable"; readonly problem: string };

export const waiting = { kind: "waiting" } as const;

export function unusable(problem: string): Resolution {
  return { kind: "unusable", problem };
}
