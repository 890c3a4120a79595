import { setTimeout as delay } from "node:timers/promises";

/** How long a fault lasts at least, in ms: as long as some hundred calls take, or as long as somebody wants it to. */
const faultMs = Number(process.env.MESHLESS_FAULT_SECONDS ?? 0) * 1_000;

/** For tests: resolves when a fault has lasted long enough. */
export async function faultTime(): Promise<void> {
  await delay(faultMs);
}
