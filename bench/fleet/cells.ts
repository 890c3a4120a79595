import { type Cell, type Trial, type Work, wrongAnswers } from "./cell.ts";
import type { ContenderName } from "./contenders.ts";

const CALLS_A_SERVER = 1_000;
const TWO_MS: Work = { kind: "timer", ms: 2 };

const alone: readonly ContenderName[] = ["meshless"];
const pair: readonly ContenderName[] = ["meshless", "p2c"];
const everybody: readonly ContenderName[] = ["meshless", "p2c", "grpc-js", "pinned"];

interface EvenFields {
  readonly rate: number;
  readonly servers: number;
  readonly clients?: number;
  readonly reports: boolean;
  readonly work?: Work;
  readonly calls?: number;
  readonly contenders?: readonly ContenderName[];
}

function even({ rate, servers, clients = 1, reports, work = TWO_MS, calls = CALLS_A_SERVER * servers, contenders }: EvenFields): Cell {
  return {
    name: `even-${rate}-${nameOf(work)}-${servers}s-${clients}c-${reporting(reports)}`,
    trial: { kind: "even" },
    servers,
    clients,
    callsPerSecond: rate,
    calls,
    work,
    reports,
    // powerOfTwo() does not look at reports, so that it need not run twice.
    contenders: contenders ?? (reports ? alone : pair),
  };
}

function nameOf({ kind, ms }: Work): string {
  return `${kind === "timer" ? "" : kind}${ms}ms`;
}

function reporting(reports: boolean): string {
  return reports ? "reports" : "silent";
}

function bothWays<T>(make: (reports: boolean) => T): T[] {
  return [make(false), make(true)];
}

/** Enough calls that chance is no excuse. */
const fleets = [300, 100].flatMap((rate) =>
  [4, 8, 20].flatMap((servers) =>
    [1, 4].flatMap((clients) =>
      bothWays((reports) => {
        const fields = { rate, servers, clients, reports };
        if (rate === 300 && servers === 8 && !reports) return even({ ...fields, contenders: everybody });
        // These take long, and what powerOfTwo() does there is known from their neighbours.
        const isLong = servers * clients > (rate === 300 ? 20 : 8) || servers / rate >= 0.2;
        return even(isLong ? { ...fields, contenders: alone } : fields);
      }),
    ),
  ),
);

const rates = bothWays((reports) => [
  even({ rate: 10, servers: 4, reports, calls: 400 }),
  even({ rate: 30, servers: 8, reports, calls: 900 }),
  even({ rate: 1_000, servers: 8, reports, contenders: pair }),
  even({ rate: 1_000, servers: 8, clients: 4, reports, contenders: pair }),
]).flat();

const works = bothWays((reports) =>
  [
    { rate: 300, work: { kind: "timer", ms: 0 } },
    { rate: 300, work: { kind: "timer", ms: 20 } },
    { rate: 100, work: { kind: "cpu", ms: 1 } },
  ].map(({ rate, work }) => even({ rate, work: work as Work, servers: 4, reports })),
).flat();

const sequential = bothWays(
  (reports): Cell => ({
    ...even({ rate: 100, servers: 4, reports, calls: 1_000 }),
    name: `sequential-4s-${reporting(reports)}`,
    trial: { kind: "sequential", pauseMs: 5 },
  }),
);

const weights = [
  { rate: 20, calls: 1_050 },
  { rate: 150, calls: 4_200 },
  { rate: 700, calls: 7_000 },
].flatMap(({ rate, calls }) =>
  bothWays(
    (reports): Cell => ({
      ...even({ rate, servers: 3, reports, calls }),
      name: `weights-${rate}-${reporting(reports)}`,
      trial: { kind: "weights", weights: [1, 2, 4] },
    }),
  ),
);

const wrong = bothWays((reports) =>
  wrongAnswers.map(
    (answer): Cell => ({
      ...even({ rate: 100, servers: 4, reports, work: { kind: "timer", ms: 10 }, calls: 1_000 }),
      name: `wrong-${answer.replaceAll("_", "-")}-${reporting(reports)}`,
      trial: { kind: "wrong", answer },
      contenders: answer === "permission_denied" && !reports ? everybody : answer === "403" && !reports ? pair : alone,
    }),
  ),
).flat();

/** At 60 % of what four servers can do that work on one call at a time. */
const replacedTrial: Trial = { kind: "replaced", calmFromMs: 5_000, atMs: 20_000 };
const replaced = bothWays(
  (reports): Cell => ({
    ...even({ rate: 120, servers: 4, clients: 4, reports, work: { kind: "slot", ms: 20 }, calls: 120 * 35 }),
    name: `replaced-${reporting(reports)}`,
    trial: replacedTrial,
    contenders: ["meshless", "meshless-no-slow-start", "p2c"],
  }),
);

/** The whole matrix: on two cores within an hour. */
export const cells: readonly Cell[] = [...rates, ...sequential, ...weights, ...wrong, ...replaced, ...works, ...fleets];

/** Some of each kind, shortened to {@link QUICK_SECONDS} and to {@link quickContenders}: within three minutes. */
export const quickNames: readonly string[] = [
  "even-30-2ms-8s-1c-silent",
  "even-100-2ms-8s-1c-reports",
  "even-300-2ms-8s-1c-silent",
  "even-300-2ms-4s-4c-reports",
  "sequential-4s-silent",
  "weights-150-reports",
  "wrong-permission-denied-silent",
  "wrong-403-reports",
];
export const QUICK_SECONDS = 8;
export const quickContenders = pair;
