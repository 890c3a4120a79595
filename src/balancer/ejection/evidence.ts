import type { Outcome } from "../outcome.ts";

/** What an outcome says of the endpoint that it came from. */
export type Evidence = "good" | "bad" | "none";

/**
 * Whether the endpoint works.
 *
 * - `success` is good, and so is `clientError`: it answers. What it answers is another question, {@link evidenceOfAnswer}: counted as one, a fleet
 *   that often has to say `not_found` would take longer to notice that one of its servers is dead.
 * - `failure` and `timeout` are bad.
 * - `overload` is bad when it is all that the call got: an endpoint that answers so while others answer well is of no use, whatever it
 *   means by it. Turned away before the handler (`processed: "no"`) it is a word about load, and the call goes on elsewhere: none.
 * - `refused` and `unreachable` are of the connection, which sessions watch: none. `abandoned` says nothing: none.
 */
export function evidenceOf({ kind, processed }: Outcome): Evidence {
  switch (kind) {
    case "success":
    case "clientError":
      return "good";
    case "failure":
    case "timeout":
      return "bad";
    case "overload":
      return processed === "no" ? "none" : "bad";
    case "refused":
    case "unreachable":
    case "abandoned":
      return "none";
  }
}

/** Whether the endpoint did what it was asked, of the calls that it answered. */
export function evidenceOfAnswer({ kind }: Outcome): Evidence {
  if (kind === "success") return "good";
  return kind === "clientError" ? "bad" : "none";
}
