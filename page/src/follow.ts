import { batch, effect } from "@preact/signals";
import type { DebugSnapshot } from "../../src/debug/debug-snapshot.ts";
import { remember } from "./history.ts";
import { isPaused, place, silence, snapshot } from "./state.ts";

const againAfterMs = 1_000;
/** An answer that takes longer will not come. */
const patienceMs = 5_000;

let timer: number | undefined;
let isAsking = false;

/** Asks for a snapshot whenever there is a new one, as long as somebody can see it. */
export function follow(): void {
  effect(() => {
    place.value;
    if (!isPaused.value) askSoon(0);
  });
  document.addEventListener("visibilitychange", () => askSoon(0));
}

function askSoon(afterMs: number): void {
  clearTimeout(timer);
  timer = window.setTimeout(ask, afterMs);
}

async function ask(): Promise<void> {
  if (isPaused.peek() || document.hidden || isAsking) return;
  isAsking = true;
  const asked = place.peek();
  try {
    const response = await fetch(`snapshot.json?transport=${asked}`, { signal: AbortSignal.timeout(patienceMs) });
    if (!response.ok) throw new Error(await response.text());
    const answer = (await response.json()) as DebugSnapshot;
    if (asked === place.peek()) take(answer);
    askSoon(asked === place.peek() ? answer.nextInMs : 0);
  } catch (error) {
    silence.value = (error as Error).message;
    askSoon(againAfterMs);
  } finally {
    isAsking = false;
  }
}

function take(answer: DebugSnapshot): void {
  batch(() => {
    silence.value = undefined;
    if (answer.transport !== undefined) remember(answer.transport);
    snapshot.value = answer;
  });
}
