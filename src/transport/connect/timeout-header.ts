/** What the protocol code wrote for the server, in ms; without limit for what somebody else wrote in other units. */
export function timeoutMsOf(header: Headers): number {
  const timeout = header.get("connect-timeout-ms") ?? header.get("grpc-timeout");
  if (timeout === null) return Number.POSITIVE_INFINITY;
  const [, timeoutMs] = /^(\d+(?:\.\d+)?)m?$/.exec(timeout) ?? [];
  return timeoutMs === undefined ? Number.POSITIVE_INFINITY : Number(timeoutMs);
}

const headerNames = ["connect-timeout-ms", "grpc-timeout"] as const;

/** The server learns how much time is left, not how much there was at first. */
export function writeTimeout(header: Headers, leftMs: number): void {
  for (const name of headerNames) if (header.has(name)) header.set(name, timeoutValue(name, leftMs));
}

/**
 * Rounded up, so that the server's clock does not ring before ours, and because no protocol knows fractions, though connect writes them. At least 1:
 * the deadline itself ends the call, not a header that the server would find odd.
 */
export function timeoutValue(name: (typeof headerNames)[number], leftMs: number): string {
  const timeoutMs = Math.max(1, Math.ceil(leftMs));
  if (name === "connect-timeout-ms") return String(timeoutMs);
  // gRPC allows eight digits, which are 28 hours in ms.
  return timeoutMs < 1e8 ? `${timeoutMs}m` : `${Math.ceil(timeoutMs / 1000)}S`;
}
