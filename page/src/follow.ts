import { batch, effect } from "@preact/signals";
import { isPaused, silence } from "./looking.ts";

const againAfterMs = 1_000;
/** An answer that takes longer will not come. */
const patienceMs = 5_000;

/** What a page asks for, and what becomes of the answer. */
export interface Followed<Answer> {
  /** Such as `transport=0`. Another one is asked for at once. */
  readonly query: () => string;
  readonly take: (answer: Answer) => void;
}

/** Asks for a snapshot whenever there is a new one, as long as somebody can see it. */
export function follow<Answer extends { readonly nextInMs: number }>({ query, take }: Followed<Answer>): void {
  let timer: number | undefined;
  let isAsking = false;
  const askSoon = (afterMs: number) => {
    clearTimeout(timer);
    timer = window.setTimeout(ask, afterMs);
  };
  const ask = async () => {
    if (isPaused.peek() || document.hidden || isAsking) return;
    isAsking = true;
    const asked = query();
    try {
      const response = await fetch(`snapshot.json?${asked}`, { signal: AbortSignal.timeout(patienceMs) });
      if (!response.ok) throw new Error(await response.text());
      const answer = (await response.json()) as Answer;
      const isWanted = asked === query();
      if (isWanted) takeWhole(answer);
      askSoon(isWanted ? answer.nextInMs : 0);
    } catch (error) {
      silence.value = (error as Error).message;
      askSoon(againAfterMs);
    } finally {
      isAsking = false;
    }
  };
  const takeWhole = (answer: Answer) =>
    batch(() => {
      silence.value = undefined;
      take(answer);
    });
  effect(() => {
    query();
    if (!isPaused.value) askSoon(0);
  });
  document.addEventListener("visibilitychange", () => askSoon(0));
}
