import { median, quantileOf } from "../statistics.ts";
import { CONCURRENCY, TEXT } from "./cells.ts";
import type { Contender } from "./contenders.ts";
import { type Measured, measureRounds, rounded } from "./measure.ts";

/** What a call costs with telemetry, and how much more that is than without. */
export interface TelemetryFigures {
  readonly cpuUs: number;
  readonly bytes: number;
  /** To the same calls without: the median of all processes, and the least and the most of them. */
  readonly ratio: number;
  readonly leastRatio: number;
  readonly mostRatio: number;
}

/** Contenders that take turns, each of them compared with another one. */
interface Comparison {
  readonly with: Partial<Record<Contender, readonly Contender[]>>;
  /** Processes of the same code differ by some percent, by how they were compiled: so many of each. */
  readonly processes: number;
  readonly rounds: number;
}

/** What differs by little takes more rounds. */
const comparisons: readonly Comparison[] = [
  {
    with: { "meshless-connect": ["meshless-connect-again", "meshless-connect-no-op"], "meshless-grpc": ["meshless-grpc-no-op"] },
    processes: 3,
    rounds: 20,
  },
  {
    with: {
      "meshless-connect": ["meshless-connect-spans", "meshless-connect-all-telemetry"],
      "meshless-grpc": ["meshless-grpc-spans"],
      "grpc-js": ["grpc-js-spans"],
    },
    processes: 2,
    rounds: 12,
  },
];

/** What telemetry adds, beside what its instrumentation adds to grpc-js. */
export async function measureTelemetry(progress: (text: string) => void): Promise<Record<string, TelemetryFigures>> {
  const figures: Record<string, TelemetryFigures> = {};
  for (const comparison of comparisons) Object.assign(figures, await compare(comparison, progress));
  return figures;
}

async function compare(comparison: Comparison, progress: (text: string) => void): Promise<Record<string, TelemetryFigures>> {
  const pairs = Object.entries(comparison.with).flatMap(([off, on]) =>
    [off, ...on].map((one) => [one as Contender, off as Contender] as const),
  );
  const contenders = pairs.map(([contender]) => contender);
  const processes: (readonly Measured[])[] = [];
  for (let number = 1; number <= comparison.processes; number++) {
    const cell = { contenders, text: TEXT, concurrency: CONCURRENCY, rounds: comparison.rounds, hasSingles: false };
    processes.push(await measureRounds(cell, (text) => progress(`processes ${number} of ${comparison.processes}, ${text}`)));
  }
  return Object.fromEntries(pairs.map(([contender, off]) => [contender, figuresOf(processes, contender, off)]));
}

function figuresOf(processes: readonly (readonly Measured[])[], contender: Contender, off: Contender): TelemetryFigures {
  const ratios = processes.map((measured) => cpuOf(measured, contender) / cpuOf(measured, off));
  return {
    cpuUs: rounded(median(processes.map((measured) => cpuOf(measured, contender))), 1),
    bytes: rounded(median(processes.flatMap((measured) => roundsOf(measured, contender).map(({ bytes }) => bytes))), 0),
    ratio: rounded(median(ratios), 3),
    leastRatio: rounded(Math.min(...ratios), 3),
    mostRatio: rounded(Math.max(...ratios), 3),
  };
}

/** Of a quiet moment: whatever else the machine does makes a round dearer, and none cheaper. */
function cpuOf(measured: readonly Measured[], contender: Contender): number {
  return quantileOf(
    roundsOf(measured, contender).map(({ cpuUs }) => cpuUs),
    0.1,
  );
}

function roundsOf(measured: readonly Measured[], contender: Contender): Measured["rounds"] {
  return measured.find((one) => one.contender === contender)?.rounds ?? [];
}
