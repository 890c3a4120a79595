const decimal = /^(0|[1-9][0-9]{0,19})$/;

/** As a number, in the order in which things happened. Undefined if it is none. */
export function revisionOf(version: string): bigint | undefined {
  return decimal.test(version) ? BigInt(version) : undefined;
}

/**
 * Whether one version is older than another: in one cluster they count up. False where one of them is no number, since nothing is known then.
 *
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/5504-comparable-resource-version
 */
export function isOlder(version: string, other: string): boolean {
  if (!decimal.test(version) || !decimal.test(other)) return false;
  // As texts: they have up to 64 bits.
  return version.length === other.length ? version < other : version.length < other.length;
}
