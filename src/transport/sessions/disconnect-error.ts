import { isResetCode, resetCodeName } from "./reset-code.ts";

/**
 * Why a session ended, in words that are few and always the same: those that gRPC counts by (gRFC A94). `subchannel shutdown` is our own wish,
 * `connection timed out` also a ping without an answer, `unknown` a server that broke the rules.
 */
export type DisconnectError =
  | "subchannel shutdown"
  | "connection timed out"
  | "connection reset"
  | "connection aborted"
  | "socket error"
  | "unknown"
  | `GOAWAY ${string}`;

/** Servers may send any code: those that HTTP/2 does not know are one. */
export function goawayError(code: number): DisconnectError {
  return `GOAWAY ${isResetCode(code) ? resetCodeName(code) : "of an unknown code"}`;
}

/** @param code of an error of Node.js */
export function socketError(code: string | undefined): DisconnectError {
  return (code !== undefined && known[code]) || "socket error";
}

const known: Readonly<Record<string, DisconnectError>> = {
  ECONNRESET: "connection reset",
  ETIMEDOUT: "connection timed out",
  ECONNABORTED: "connection aborted",
};
