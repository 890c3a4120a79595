import type { ControlPlaneFigures } from "./figures.ts";

/** Of the goals. Where this runs, other work runs as well, and clients and control plane share the machine. */
const noise = 20;
const goalMs = 100;
const maxHeapBytesPerStream = 500_000;
/** A few responses, however often the service changed. */
const maxHeldResponses = 4;
const maxPeakShare = 0.1;

/** What is wrong by far more than noise. */
export function brokenPromises({ changes, streams, restarts, slowReaders }: ControlPlaneFigures): readonly string[] {
  const promises: Readonly<Record<string, boolean>> = {
    "everything is measured": numbersIn([changes, streams, restarts, slowReaders]).every((figure) => Number.isFinite(figure)),
    [`a change is known within ${goalMs} ms, times ${noise}`]: [...changes, streams].every(({ p99Ms }) => p99Ms <= goalMs * noise),
    [`a stream holds at most ${maxHeapBytesPerStream} bytes`]: streams.heapBytesEach <= maxHeapBytesPerStream,
    [`at most ${maxPeakShare} of the attempts to come back fall within 100 ms`]: restarts.every(
      ({ peakShare }) => peakShare <= maxPeakShare,
    ),
    [`one who does not read holds at most ${maxHeldResponses} responses`]:
      slowReaders.heapBytesEach <= maxHeldResponses * slowReaders.updateBytes && slowReaders.responsesEach <= maxHeldResponses,
  };
  return Object.keys(promises).filter((promise) => !promises[promise]);
}

function numbersIn(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}
