/** A type of xDS resources, and how one is read. */
export interface ResourceKind<Value> {
  /** Such as `type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment`. */
  readonly typeUrl: string;
  /** Whether a response of the state of the world has them all, so that one that is absent is gone. True of listeners and clusters. */
  readonly comesWhole: boolean;
  /** The name inside, where it is quick to find and worth while: a response of the state of the world names nothing outside. A hint, which may be wrong. */
  peekName?(bytes: Uint8Array): string | undefined;
  /** @param before the last good state of the same resource: what has not changed need not be read again */
  read(bytes: Uint8Array, before?: ReadBefore<Value>): Reading<Value>;
}

export interface ReadBefore<Value> {
  readonly bytes: Uint8Array;
  readonly value: Value;
}

/** What a resource says, or what is wrong with it. */
export type Reading<Value> =
  | { readonly kind: "good"; readonly name: string; readonly value: Value }
  /** The name is undefined where not even that can be read. */
  | { readonly kind: "bad"; readonly name: string | undefined; readonly problems: readonly string[] };
