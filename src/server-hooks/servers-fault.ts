import { Code, ConnectError } from "@connectrpc/connect";

const codes: ReadonlySet<Code> = new Set([
  Code.Unknown,
  Code.DeadlineExceeded,
  Code.Unimplemented,
  Code.Internal,
  Code.Unavailable,
  Code.DataLoss,
]);

/** Whether a status speaks against the server. */
export function isFaultCode(code: number): boolean {
  return codes.has(code);
}

/**
 * Whether what ended a call speaks against the server, rather than against the request or its caller. The codes are
 * those that OpenTelemetry counts as errors of a server span. What is no ConnectError reaches the client as `internal`, save
 * for the abort without a reason, with which a call's signal ends when all went well or the caller is gone.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
 */
export function isServersFault(reason: unknown): boolean {
  if (reason instanceof ConnectError) return isFaultCode(reason.code);
  return !(reason instanceof DOMException && reason.name === "AbortError");
}
