import type { DescMethod } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import type { MethodRules } from "../../balancer/retries/method-rules.ts";
import { methodName } from "../../method-options.ts";
import { isIdempotent } from "./connect-attempt.ts";

/** The same transport, where calls that set no deadline have that of their method. */
export function withMethodTimeouts(inner: Transport, rules: MethodRules): Transport {
  if (!rules.haveTimeouts) return inner;
  const limit = (method: DescMethod, timeoutMs: number | undefined) =>
    timeoutMs ?? rules.of(methodName(method), isIdempotent(method)).timeoutMs;
  return {
    unary: (method, signal, timeoutMs, ...rest) => inner.unary(method, signal, limit(method, timeoutMs), ...rest),
    stream: (method, signal, timeoutMs, ...rest) => inner.stream(method, signal, limit(method, timeoutMs), ...rest),
  };
}
