import type { Figures } from "./figures.ts";

/** Of 4,000 calls that were spread evenly, on an idle machine. */
export function testFigures(fields: Partial<Figures> = {}): Figures {
  return {
    calls: 4_000,
    served: [1_000, 1_000, 1_000, 1_000],
    maxOverMean: 1,
    minOverMean: 1,
    p50Ms: 3,
    p99Ms: 5,
    failed: 0,
    failures: {},
    load: {
      machine: { loadAverageBefore: 0, busyShare: 0.1, wallMs: 10_000, cores: 2 },
      ownShare: 0.1,
      clientDelayP99Ms: 1,
      serverDelayP99Ms: 1,
    },
    starved: [],
    ...fields,
  };
}
