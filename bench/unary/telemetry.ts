import { median } from "../statistics.ts";
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

/** By what each is compared with. */
const compared = {
  "meshless-connect": ["meshless-connect-again", "meshless-connect-no-op", "meshless-connect-spans", "meshless-connect-all-telemetry"],
  "meshless-grpc": ["meshless-grpc-no-op", "meshless-grpc-spans"],
  "grpc-js": ["grpc-js-spans"],
} as const satisfies Partial<Record<Contender, readonly Contender[]>>;

/** Processes of the same code differ by some percent, by how they were compiled: so many of each. */
const PROCESSES = 5;
const ROUNDS = 12;

/** What telemetry adds, beside what its instrumentation adds to grpc-js. */
export async function measureTelemetry(progress: (text: string) => void): Promise<Record<string, TelemetryFigures>> {
  const contenders = Object.entries(compared).flatMap(([off, on]) => [off as Contender, ...on]);
  const processes: (readonly Measured[])[] = [];
  for (let number = 1; number <= PROCESSES; number++) {
    const cell = { contenders, text: TEXT, concurrency: CONCURRENCY, rounds: ROUNDS };
    processes.push(await measureRounds(cell, (text) => progress(`process ${number} of ${PROCESSES}, ${text}`)));
  }
  const figures = Object.entries(compared).flatMap(([off, on]) =>
    [off as Contender, ...on].map((contender) => [contender, figuresOf(processes, contender, off as Contender)] as const),
  );
  return Object.fromEntries(figures);
}

function figuresOf(processes: readonly (readonly Measured[])[], contender: Contender, off: Contender): TelemetryFigures {
  const rounds = processes.map((measured) => roundsOf(measured, contender));
  const ratios = processes.map((measured, index) => {
    const without = roundsOf(measured, off);
    return median((rounds[index] ?? []).map(({ cpuUs }, round) => cpuUs / (without[round]?.cpuUs ?? Number.NaN)));
  });
  return {
    cpuUs: rounded(median(rounds.flat().map(({ cpuUs }) => cpuUs)), 1),
    bytes: rounded(median(rounds.flat().map(({ bytes }) => bytes)), 0),
    ratio: rounded(median(ratios), 3),
    leastRatio: rounded(Math.min(...ratios), 3),
    mostRatio: rounded(Math.max(...ratios), 3),
  };
}

function roundsOf(measured: readonly Measured[], contender: Contender): Measured["rounds"] {
  return measured.find((one) => one.contender === contender)?.rounds ?? [];
}
