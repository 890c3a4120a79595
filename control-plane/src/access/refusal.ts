/** Why a client is not let in. */
export type RefusalReason =
  | "no token"
  | "malformed"
  | "other audience"
  | "expired"
  | "refused"
  | "no service account"
  | "too many failures"
  | "can't be checked";

/** What a client is told that is not let in. Its message is for the client: it says what to do, and has nothing of the token in it. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}
