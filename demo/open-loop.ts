export interface OpenLoopOptions {
  readonly callsPerSecond: number;
  /** A call that comes due above this many is not made: `shed` is told instead. */
  readonly maxInFlight: number;
  /** Chance in [0, 1), for the gaps between calls. */
  readonly random: () => number;
  /** Makes one call and never rejects. `dueAtMs` is when it should have begun, by `performance.now()`. */
  readonly call: (dueAtMs: number) => Promise<void>;
  readonly shed: () => void;
}

/**
 * Makes calls at a given rate, whether or not earlier ones are answered, as independent users do: the gaps are
 * exponential. A loop that waited for answers would slow down with the servers, and hide what users feel.
 *
 * @returns stops the loop and waits for the calls in flight
 */
export function openLoop({ callsPerSecond, maxInFlight, random, call, shed }: OpenLoopOptions): () => Promise<void> {
  const inFlight = new Set<Promise<void>>();
  let dueAtMs = performance.now();
  let timer: NodeJS.Timeout;

  function begin(): void {
    if (inFlight.size >= maxInFlight) return shed();
    const done = call(dueAtMs).finally(() => inFlight.delete(done));
    inFlight.add(done);
  }

  function beginDue(): void {
    while (dueAtMs <= performance.now()) {
      begin();
      dueAtMs += (-Math.log(1 - random()) * 1000) / callsPerSecond;
    }
    timer = setTimeout(beginDue, Math.max(0, dueAtMs - performance.now()));
  }

  beginDue();
  return async () => {
    clearTimeout(timer);
    await Promise.all(inFlight);
  };
}
