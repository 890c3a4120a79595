/**
 * What a server says of itself: the fields of an ORCA `OrcaLoadReport` that balancing uses.
 * Reported under the header or trailer `endpoint-load-metrics-bin` (gRFC A51).
 */
export interface LoadReport {
  /** Calls per second that the server answers, >= 0. */
  readonly requestsPerSecond: number;
  /** Failed calls per second, >= 0. */
  readonly errorsPerSecond: number;
  /** Share of its own capacity that the server uses: 0 to 1, and above 1 when overloaded. */
  readonly utilization: number;
  /** Calls that the server is working on, or undefined if it did not say. */
  readonly inFlight?: number;
  /** How long its latest unary calls took on average, from their arrival to their answer, in ms. */
  readonly latencyMs?: number;
  /** How late the server's event loop runs, in ms. */
  readonly eventLoopDelayMs?: number;
  /** The server is about to leave and asks for no more calls. */
  readonly draining?: boolean;
  /** Share of its warm-up that is done, 0 to 1. Absent or 1 means warm. */
  readonly warmUp?: number;
}
