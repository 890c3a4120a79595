import { lastLineOf } from "./last-line-of.ts";

interface Times {
  readonly p50Us: number;
  readonly p99Us: number;
}

interface PickerFigures {
  readonly pick: Times;
  readonly call: Times;
  readonly bytes: { readonly pick: number; readonly call: number };
}

interface CallFigures {
  readonly cpuUs: number;
  readonly ratioToRaw: number;
  readonly ratioToEqualRaw: number;
  readonly bytes: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** What the benchmark's last line tells. */
export interface BenchFigures {
  readonly unary: Readonly<Record<string, CallFigures | undefined>>;
  readonly pick: {
    readonly endpoints: Readonly<Record<string, PickerFigures | undefined>>;
    readonly policies: Readonly<Record<string, PickerFigures | undefined>>;
  };
}

const CONTENDERS = [
  "raw-node-http2",
  "raw-equal-connect",
  "raw-equal-grpc",
  "grpc-js",
  "connect-node-connect",
  "connect-node-grpc",
  "meshless-connect",
  "meshless-grpc",
  "meshless-grpc-web",
  "meshless-connect-deadline",
  "meshless-connect-headers",
  "meshless-connect-interceptor",
  "meshless-connect-all",
  "meshless-connect-gzip",
];
const COUNTS = ["10", "1000", "10000"];
const POLICIES = ["adaptive", "powerOfTwo", "peakEwma", "prequalHcl", "weightedRoundRobin", "ringHash", "maglev"];

/** Of a pick among 1,000 endpoints, on a machine that has nothing else to do. */
const MAX_P50_US = 1;
const MAX_P99_US = 5;
/** Where this runs, other work runs as well. */
const NOISE = 3;
/** A pick looks at as many of 10,000 members as of 10, but 10,000 are not in the caches. */
const MAX_GROWTH = 4;

/** All that is measured, by its name; NaN where a figure is missing. */
export function figuresOf({ unary, pick }: BenchFigures): Readonly<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const name of CONTENDERS) {
    figures[`${name}, us of CPU`] = unary[name]?.cpuUs ?? Number.NaN;
    figures[`${name}, times raw`] = unary[name]?.ratioToRaw ?? Number.NaN;
    figures[`${name}, times raw with equal work`] = unary[name]?.ratioToEqualRaw ?? Number.NaN;
    figures[`${name}, bytes`] = unary[name]?.bytes ?? Number.NaN;
    figures[`${name}, us at p50`] = unary[name]?.p50Us ?? Number.NaN;
    figures[`${name}, us at p99`] = unary[name]?.p99Us ?? Number.NaN;
  }
  for (const count of COUNTS) Object.assign(figures, pickFigures(`pick of ${count}`, pick.endpoints[count]));
  for (const policy of POLICIES) Object.assign(figures, pickFigures(`pick by ${policy}`, pick.policies[policy]));
  return figures;
}

function pickFigures(name: string, figures: PickerFigures | undefined): Readonly<Record<string, number>> {
  return {
    [`${name}, us at p50`]: figures?.pick.p50Us ?? Number.NaN,
    [`${name}, us at p99`]: figures?.pick.p99Us ?? Number.NaN,
    [`${name}, bytes`]: figures?.bytes.pick ?? Number.NaN,
    [`${name}, with report and settle, us at p50`]: figures?.call.p50Us ?? Number.NaN,
    [`${name}, with report and settle, us at p99`]: figures?.call.p99Us ?? Number.NaN,
    [`${name}, with report and settle, bytes`]: figures?.bytes.call ?? Number.NaN,
  };
}

/** Of a pick. A number that the engine has to box takes 16; half of one is what others leave on the heap meanwhile. */
const MAX_BYTES = 8;

/** A call that balances costs less than this, relative to one that does not. Machines differ, and the same machine from minute to minute: the goal is 1.25. */
const MAX_TIMES_RAW = 2.5;

/** What was to be shown and was not. */
export function brokenPromises(figures: Readonly<Record<string, number>>): readonly string[] {
  const of = (name: string) => figures[name] ?? Number.NaN;
  const promises: Readonly<Record<string, boolean>> = {
    "everything is measured": Object.values(figures).every((figure) => figure >= 0 && figure < Infinity),
    [`a pick of 1000 takes ${MAX_P50_US} us at p50, times ${NOISE}`]: of("pick of 1000, us at p50") <= NOISE * MAX_P50_US,
    [`a pick of 1000 takes ${MAX_P99_US} us at p99, times ${NOISE}`]: of("pick of 1000, us at p99") <= NOISE * MAX_P99_US,
    [`a pick of 10000 takes ${MAX_GROWTH} times as long as one of 10`]:
      of("pick of 10000, us at p50") <= MAX_GROWTH * of("pick of 10, us at p50"),
    [`a call costs at most ${MAX_TIMES_RAW} times one by node:http2 with equal work`]: ["meshless-connect", "meshless-grpc"].every(
      (name) => of(`${name}, times raw with equal work`) <= MAX_TIMES_RAW,
    ),
    "a call costs less than one of grpc-js": of("meshless-grpc, us of CPU") < of("grpc-js, us of CPU"),
    [`a pick leaves nothing on the heap: at most ${MAX_BYTES} bytes`]: COUNTS.every((count) => of(`pick of ${count}, bytes`) <= MAX_BYTES),
  };
  return Object.keys(promises).filter((promise) => !promises[promise]);
}

if (import.meta.main) {
  const figures = figuresOf(lastLineOf("bench", ["--json"]) as BenchFigures);
  for (const [name, figure] of Object.entries(figures)) console.log(`${name}: ${figure}`);
  const broken = brokenPromises(figures);
  for (const promise of broken) console.error(`broken: ${promise}`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}
