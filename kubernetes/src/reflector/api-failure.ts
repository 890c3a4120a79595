/** Why the apiserver refuses, in its answer to a request or in the midst of a watch. */
export interface ApiFailure {
  /** Of HTTP. */
  readonly status: number;
  /** Such as `Expired`. May be empty. */
  readonly reason: string;
  readonly message: string;
  /** How long it wants to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** Whether it does not know the version yet that it is asked to start from. */
  readonly isTooLargeVersion: boolean;
}

interface Status {
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly retryAfterSeconds?: unknown; readonly causes?: readonly { readonly reason?: unknown }[] | null } | null;
}

const maxMessageLength = 500;

/**
 * Reads an object `Status`, which may be anything.
 *
 * @param httpStatus of the answer that it came with; undefined in a watch
 */
export function readFailure(value: unknown, httpStatus?: number, retryAfterMs?: number): ApiFailure {
  const { code, reason, message, details } = (typeof value === "object" && value !== null ? value : {}) as Status;
  const seconds = details?.retryAfterSeconds;
  const causes = Array.isArray(details?.causes) ? details.causes : [];
  const status = httpStatus ?? (typeof code === "number" ? code : 500);
  return {
    status,
    reason: typeof reason === "string" ? reason : "",
    message: typeof message === "string" ? message.slice(0, maxMessageLength) : `HTTP status ${status}`,
    retryAfterMs: retryAfterMs ?? (typeof seconds === "number" && seconds > 0 ? seconds * 1_000 : undefined),
    isTooLargeVersion: causes.some((cause) => cause?.reason === "ResourceVersionTooLarge"),
  };
}
