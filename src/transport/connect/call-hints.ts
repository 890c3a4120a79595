import { type ContextKey, type ContextValues, createContextKey } from "@connectrpc/connect";
import type { PickContext } from "../../balancer/pick-context.ts";

/**
 * Hints for one call, as context values, so that they pass through every interceptor:
 * `client.pay(request, { contextValues: createContextValues().set(hashKey, userId) })`.
 */

/** Calls with the same key prefer the same endpoint, with policies that hash. */
export const hashKey: ContextKey<string | undefined> = createContextKey<string | undefined>(undefined, {
  description: "meshless hash key",
});

/** Only endpoints whose label `shard` has this value. */
export const shard: ContextKey<string | undefined> = createContextKey<string | undefined>(undefined, { description: "meshless shard" });

/** How much of an endpoint the call takes, relative to a usual one. Default 1. */
export const cost: ContextKey<number | undefined> = createContextKey<number | undefined>(undefined, { description: "meshless cost" });

/** Whether the call waits for an endpoint where none can be reached, until its deadline, rather than fail. Default: as the options say. */
export const waitForReady: ContextKey<boolean | undefined> = createContextKey<boolean | undefined>(undefined, {
  description: "meshless wait for ready",
});

/** @param method as `package.Service/Method` */
export function pickContext(method: string, values: ContextValues): PickContext {
  return { method, hashKey: values.get(hashKey), shard: values.get(shard), cost: values.get(cost) };
}
