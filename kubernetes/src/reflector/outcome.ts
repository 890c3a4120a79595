import type { ApiFailure } from "./api-failure.ts";

/** What a reflector does next. */
export type Step =
  /** All that there is and then what changes, in one stream. Servers before 1.34 don't have it, as a rule. */
  | { readonly kind: "watchList" }
  /** All that there is, in pages. */
  | { readonly kind: "list" }
  /** What has changed since that version. */
  | { readonly kind: "watch"; readonly version: string };

/** How a step ended. */
export type Outcome =
  | { readonly kind: "listed" }
  /** By the server, as agreed. */
  | { readonly kind: "ended" }
  /** Nothing came in time. */
  | { readonly kind: "silent" }
  /** The connection failed. */
  | { readonly kind: "broken"; readonly message: string }
  /** What came can't be read. */
  | { readonly kind: "malformed"; readonly message: string }
  /** A version is older than one before it. */
  | { readonly kind: "wentBack"; readonly message: string }
  | { readonly kind: "refused"; readonly failure: ApiFailure };

/** Why a reflector starts again, for metrics. */
export type RestartReason =
  /** As {@link Outcome} has them. */
  | "ended"
  | "silent"
  | "broken"
  | "malformed"
  | "wentBack"
  | "refused"
  /** 410: the server has forgotten what came after that version. */
  | "expired"
  /** 429 */
  | "throttled"
  /** 401 */
  | "unauthorized"
  /** 403 */
  | "forbidden"
  /** 5xx */
  | "serverError"
  /** It is time to list all again. */
  | "relist";

export function reasonOf(outcome: Exclude<Outcome, { kind: "listed" }>): RestartReason {
  if (outcome.kind !== "refused") return outcome.kind;
  const { status, reason } = outcome.failure;
  if (status === 410 || reason === "Expired" || reason === "Gone") return "expired";
  if (status === 429) return "throttled";
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  return status >= 500 ? "serverError" : "refused";
}

/** For logs. */
export function messageOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case "refused":
      return `the apiserver says ${outcome.failure.status}: ${outcome.failure.message}`;
    case "silent":
      return "the apiserver is silent";
    case "listed":
    case "ended":
      return "the apiserver ends what it has just begun";
    default:
      return outcome.message;
  }
}
