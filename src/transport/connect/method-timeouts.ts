import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { Transport } from "@connectrpc/connect";
import type { MethodRules } from "../../balancer/retries/method-rules.ts";
import { methodName } from "../../method-options.ts";

/**
 * The same transport, where calls that set no deadline have that of their method, and none a later one than it may have.
 *
 * @param byDefault what others have, in ms
 */
export function withMethodTimeouts(inner: Transport, rules: MethodRules, byDefault = Number.POSITIVE_INFINITY): Transport {
  if (!rules.haveTimeouts) return inner;
  const limit = (method: DescMethod, given: number | undefined) => {
    const { timeoutMs, maxTimeoutMs } = rules.of(methodName(method), isIdempotent(method));
    const wanted = given ?? timeoutMs;
    if (maxTimeoutMs === undefined) return wanted;
    // In Connect, 0 is no deadline.
    return Math.min(maxTimeoutMs, wanted === 0 ? Number.POSITIVE_INFINITY : (wanted ?? byDefault));
  };
  return {
    unary: (method, signal, timeoutMs, ...rest) => inner.unary(method, signal, limit(method, timeoutMs), ...rest),
    stream: (method, signal, timeoutMs, ...rest) => inner.stream(method, signal, limit(method, timeoutMs), ...rest),
  };
}

/** Whether it declares NO_SIDE_EFFECTS or IDEMPOTENT. */
export function isIdempotent({ idempotency }: DescMethod): boolean {
  return idempotency !== undefined && idempotency !== Idempotency.IDEMPOTENCY_UNKNOWN;
}
