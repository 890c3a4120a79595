import { Code, ConnectError } from "@connectrpc/connect";
import type { Outcome, OutcomeKind } from "../../balancer/outcome.ts";
import { ResetCode } from "../sessions/reset-code.ts";
import type { StreamFacts } from "./stream-facts.ts";

/** Whether the call's own signal was aborted, and by what. */
export type Aborted = "no" | "canceled" | "deadline";

export type Verdict = Pick<Outcome, "kind" | "processed">;

/**
 * What became of an attempt, from the stream itself. `error` is what the protocol made of the response, if it came that far.
 *
 * @param isStream a deadline that cuts a stream which is being answered says nothing of the endpoint
 */
export function classify(facts: StreamFacts, aborted: Aborted, isStream: boolean, error: unknown): Verdict {
  if (!facts.opened || facts.unsendable !== undefined) return { kind: "abandoned", processed: "no" };
  if (facts.bounced) return { kind: "overload", processed: "no" };
  if (facts.givenUp && (error === undefined || !facts.responded)) return { kind: "abandoned", processed: "unknown" };
  if (facts.responded && (facts.ended || facts.givenUp || isWireError(error)))
    return { kind: kindOfAnswer(error, facts.httpError), processed: "yes" };
  // A unary answer has reached nobody until it is whole: cut in two, it may be asked for again where that is safe.
  const processed = facts.responded && isStream ? "yes" : "unknown";
  if (aborted === "canceled" || (aborted === "deadline" && isStream && facts.responded)) return { kind: "abandoned", processed };
  if (aborted === "deadline") return { kind: "timeout", processed };
  if (facts.responded) return { kind: "failure", processed };
  if (facts.beyondGoaway || facts.resetCode === ResetCode.REFUSED_STREAM) return { kind: "refused", processed: "no" };
  if (facts.resetCode === ResetCode.ENHANCE_YOUR_CALM && !facts.sessionLost) return { kind: "overload", processed };
  return { kind: "failure", processed };
}

/** What we find wrong ourselves with an answer that was understood, such as its size, is no error of the endpoint. */
function kindOfAnswer(error: unknown, httpError: boolean): OutcomeKind {
  if (!(error instanceof ConnectError)) return "success";
  switch (error.code) {
    case Code.Unavailable:
    case Code.Internal:
    case Code.Unknown:
    case Code.DataLoss:
      return "failure";
    case Code.ResourceExhausted:
      // Our own limits, such as readMaxBytes, raise the same code.
      return isWireError(error) ? "overload" : "success";
    case Code.DeadlineExceeded:
      return isWireError(error) ? "timeout" : "success";
    case Code.InvalidArgument:
      // So connect and we name an answer that breaks off within a message, or can't be unpacked.
      return isWireError(error) ? "clientError" : "failure";
    default:
      // For an HTTP error without a body that it understands, connect makes an error of its own.
      return isWireError(error) || httpError ? "clientError" : "success";
  }
}

/** Whether the error came over the wire rather than being made on our side (connect 2.2 marks it so). */
export function isWireError(error: unknown): boolean {
  return error instanceof ConnectError && (error as { isWireError?: boolean }).isWireError === true;
}

/**
 * How long a server that answered with an error asks to be left alone, in ms: `grpc-retry-pushback-ms`, or `retry-after` in seconds. Below 0: callers are not
 * to come again, which gRPC has for what is no number, too.
 */
export function pushbackMs(error: unknown): number | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  const pushback = error.metadata.get("grpc-retry-pushback-ms");
  if (pushback !== null) return /^\d{1,10}$/.test(pushback) ? Number(pushback) : -1;
  const delayMs = Number(error.metadata.get("retry-after") ?? Number.NaN) * 1000;
  return delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY ? delayMs : undefined;
}
