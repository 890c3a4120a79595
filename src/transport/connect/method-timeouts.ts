import type { Transport } from "@connectrpc/connect";
import type { MethodRules } from "../../balancer/retries/method-rules.ts";
import { rulesOf } from "./rules-of.ts";

/** The same transport, where calls that set no deadline have that of their method. */
export function withMethodTimeouts(inner: Transport, rules: MethodRules): Transport {
  if (!rules.haveTimeouts) return inner;
  return {
    unary: (method, signal, timeoutMs, ...rest) => inner.unary(method, signal, timeoutMs ?? rulesOf(method, rules).timeoutMs, ...rest),
    stream: (method, signal, timeoutMs, ...rest) => inner.stream(method, signal, timeoutMs ?? rulesOf(method, rules).timeoutMs, ...rest),
  };
}
