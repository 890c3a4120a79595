import { Bell } from "./bell.ts";
import type { Clock } from "./clock.ts";

/** Resolves after so long; rejects with the signal's reason when that is aborted first. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const bell = new Bell();
  const timer = clock.after(ms, () => bell.ring());
  try {
    await bell.wait(signal);
  } finally {
    timer.cancel();
  }
}
