import type { Outcome } from "../outcome.ts";

/** What an outcome says of the endpoint that it came from. */
export type Evidence = "good" | "bad" | "none";

/**
 * - `success` is good. `failure` and `timeout` are bad.
 * - `overload` is bad when it is all that the call got: an endpoint that answers so while others answer well is of no use, whatever it
 *   means by it. Turned away before the handler (`processed: "no"`) it is a word about load, and the call goes on elsewhere: none.
 * - `refused` and `unreachable` are of the connection, which sessions watch: none. `abandoned` says nothing: none.
 */
export function evidenceOf({ kind, processed }: Outcome): Evidence {
  switch (kind) {
    case "success":
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
