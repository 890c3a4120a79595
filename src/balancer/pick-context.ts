/** What is known of a call when its endpoint is chosen. */
export interface PickContext {
  /** `package.Service/Method`. */
  readonly method: string;
  /** Calls with the same key prefer the same endpoint, with policies that hash. */
  readonly hashKey?: string | undefined;
  /** Only endpoints whose label `shard` has this value. */
  readonly shard?: string | undefined;
  /** How much of an endpoint the call takes, relative to a usual one. Default 1. */
  readonly cost?: number | undefined;
  /** Ids of endpoints that were already tried for this call. */
  readonly avoid?: ReadonlySet<string> | undefined;
}

/** Whether a hash key or a shard decides where the call goes. An empty key is none. */
export function isBound({ hashKey, shard }: PickContext): boolean {
  return (hashKey !== undefined && hashKey !== "") || shard !== undefined;
}
