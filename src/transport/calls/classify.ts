import { Code, ConnectError } from "@connectrpc/connect";
import type { Outcome, OutcomeKind } from "../../balancer/outcome.ts";
import { ResetCode, resetCodeName } from "../sessions/reset-code.ts";

/** What was seen of an attempt's HTTP/2 stream. Codes alone say too little: a dead peer and a cancelled call look alike. */
export interface StreamFacts {
  /** The request went out. */
  readonly opened: boolean;
  /** Why Node.js did not send it after all: its headers are too large. */
  readonly unsendable: ConnectError | undefined;
  /** Response headers came. */
  readonly responded: boolean;
  /** Their status is an HTTP error, 400 or above: of a server or proxy that need not know the protocol. */
  readonly httpError: boolean;
  /** They say that the server turned the call away before its handler, as we permitted. */
  readonly bounced: boolean;
  /** The response came to its regular end. */
  readonly ended: boolean;
  /** Our side gave up the response: the reader stopped, or the response could not be understood. */
  readonly givenUp: boolean;
  /** The code that the stream was reset with; 0 without a reset. */
  readonly resetCode: number;
  /** The whole connection went, not just the stream. */
  readonly sessionLost: boolean;
  /** The server said by GOAWAY that it did not look at the stream. */
  readonly beyondGoaway: boolean;
  /** The stream was cancelled when the deadline had passed: servers keep time too, and may be a moment faster. */
  readonly expired: boolean;
}

/** Of an attempt that has no stream, or not yet. */
export const unsent: StreamFacts = {
  opened: false,
  unsendable: undefined,
  responded: false,
  httpError: false,
  bounced: false,
  ended: false,
  givenUp: false,
  resetCode: 0,
  sessionLost: false,
  beyondGoaway: false,
  expired: false,
};

/** Of an attempt whose session left before it had a stream: as good as a GOAWAY that came in time. */
export const sessionGone: StreamFacts = { ...unsent, opened: true, beyondGoaway: true };

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
    default:
      // For an HTTP error without a body that it understands, connect makes an error of its own.
      return isWireError(error) || httpError ? "clientError" : "success";
  }
}

/** Whether the error came over the wire rather than being made on our side (connect 2.2 marks it so). */
export function isWireError(error: unknown): boolean {
  return error instanceof ConnectError && (error as { isWireError?: boolean }).isWireError === true;
}

/** How long a server that answered with an error asks to be left alone, in ms: `grpc-retry-pushback-ms`, or `retry-after` in seconds. */
export function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  const pushback = error.metadata.get("grpc-retry-pushback-ms");
  const seconds = error.metadata.get("retry-after");
  const delayMs = pushback !== null ? Number(pushback) : seconds !== null ? Number(seconds) * 1000 : Number.NaN;
  return delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY ? delayMs : undefined;
}

/** The error of a call that servers refused again and again; `last` is that of its latest attempt. */
export function refusedError(refusals: number, last: ConnectError): ConnectError {
  return new ConnectError(
    `refused ${refusals} times before a server looked at the call, the last time because ${last.rawMessage}; ` +
      "the servers are above their limits or shutting down: add capacity, or call again later",
    Code.Unavailable,
    undefined,
    undefined,
    last,
  );
}

/** The error of a stream that ended before its response did. */
export function streamError(facts: StreamFacts, address: string, reason = "the server closed it", cause?: Error): ConnectError {
  if (facts.unsendable !== undefined) return facts.unsendable;
  const when = facts.responded ? "in the middle of the response" : "before a response";
  if (facts.beyondGoaway && !facts.responded) {
    return new ConnectError(`${address} is shutting down and did not take the call (GOAWAY)`, Code.Unavailable);
  }
  if (facts.sessionLost) {
    return new ConnectError(`lost the connection to ${address} ${when}: ${reason}`, Code.Unavailable, undefined, undefined, cause);
  }
  if (facts.expired) return new ConnectError("the operation timed out", Code.DeadlineExceeded, undefined, undefined, cause);
  const message = `${address} reset the stream ${when} (${resetCodeName(facts.resetCode)})`;
  return new ConnectError(message, codeFromReset(facts.resetCode), undefined, undefined, cause);
}

/**
 * The RPC code of a stream that the peer reset.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors
 */
function codeFromReset(resetCode: number): Code {
  switch (resetCode) {
    case ResetCode.REFUSED_STREAM:
      return Code.Unavailable;
    case ResetCode.CANCEL:
      return Code.Canceled;
    case ResetCode.ENHANCE_YOUR_CALM:
      return Code.ResourceExhausted;
    case ResetCode.INADEQUATE_SECURITY:
      return Code.PermissionDenied;
    default:
      return Code.Internal;
  }
}
