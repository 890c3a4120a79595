import { Code, ConnectError } from "@connectrpc/connect";
import { ResetCode, resetCodeName } from "../sessions/reset-code.ts";
import type { StreamFacts } from "./stream-facts.ts";

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
  return new ConnectError(message, codesOfResets[facts.resetCode] ?? Code.Internal, undefined, undefined, cause);
}

/**
 * The RPC codes of streams that the peer reset; `internal` for any other.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors
 */
const codesOfResets: { readonly [resetCode: number]: Code } = {
  [ResetCode.REFUSED_STREAM]: Code.Unavailable,
  [ResetCode.CANCEL]: Code.Canceled,
  [ResetCode.ENHANCE_YOUR_CALM]: Code.ResourceExhausted,
  [ResetCode.INADEQUATE_SECURITY]: Code.PermissionDenied,
};
