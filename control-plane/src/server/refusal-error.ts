import { Code, ConnectError } from "@connectrpc/connect";
import { Refusal, type RefusalReason } from "../access/refusal.ts";

/** Those that pass by themselves. With all others a client has to be changed. */
const passing: Partial<Record<RefusalReason, Code>> = {
  "can't be checked": Code.Unavailable,
  "too many failures": Code.ResourceExhausted,
};

/** What a client is told that is not let in. */
export function refuse(error: unknown): never {
  if (!(error instanceof Refusal)) throw error;
  throw new ConnectError(error.message, passing[error.reason] ?? Code.Unauthenticated);
}
