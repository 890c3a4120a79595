/** What the protocol code wrote for the server, in ms; without limit for what somebody else wrote in other units. */
export function timeoutMsOf(header: Headers): number {
  const timeout = header.get("connect-timeout-ms") ?? header.get("grpc-timeout");
  if (timeout === null) return Number.POSITIVE_INFINITY;
  const [, timeoutMs] = /^(\d+(?:\.\d+)?)m?$/.exec(timeout) ?? [];
  return timeoutMs === undefined ? Number.POSITIVE_INFINITY : Number(timeoutMs);
}

/**
 * The server learns how much time is left, not how much there was at first. Rounded up, so that its clock does not ring before ours, and
 * because no protocol knows fractions, though connect writes them. At least 1: the deadline itself ends the call, not a header that the server
 * would find odd.
 */
export function writeTimeout(header: Headers, leftMs: number): void {
  const timeoutMs = Math.max(1, Math.ceil(leftMs));
  if (header.has("connect-timeout-ms")) header.set("connect-timeout-ms", String(timeoutMs));
  if (header.has("grpc-timeout")) header.set("grpc-timeout", grpcTimeout(timeoutMs));
}

/** gRPC allows eight digits, which are 28 hours in ms. */
function grpcTimeout(timeoutMs: number): string {
  return timeoutMs < 1e8 ? `${timeoutMs}m` : `${Math.ceil(timeoutMs / 1000)}S`;
}
