import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { CallRules, MethodRules } from "../../balancer/retries/method-rules.ts";
import { methodName } from "../../method-options.ts";

/** How calls of a method are made. */
export function rulesOf(method: DescMethod, rules: MethodRules, name: string = methodName(method)): CallRules {
  return rules.of(name, method.idempotency !== undefined && method.idempotency !== Idempotency.IDEMPOTENCY_UNKNOWN);
}
