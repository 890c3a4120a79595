import type { ChapterResults } from "../suite/suite.ts";
import type { Table } from "../suite/table.ts";

/** Figure 6 of the paper, read off its plot: quantiles in ms, `TO` for the time-out of 5 s. */
interface PaperStep {
  readonly load: string;
  readonly weightedRoundRobin: string;
  readonly prequal: string;
}

const asBelow = "80 / 182 / 265 / 325";

const paper: readonly PaperStep[] = [
  { load: "0.75x", weightedRoundRobin: asBelow, prequal: asBelow },
  { load: "0.83x", weightedRoundRobin: asBelow, prequal: asBelow },
  { load: "0.93x", weightedRoundRobin: asBelow, prequal: asBelow },
  { load: "1.03x", weightedRoundRobin: "80 / 182 / 335 / TO", prequal: asBelow },
  { load: "1.14x", weightedRoundRobin: "- / - / - / TO", prequal: asBelow },
  { load: "1.27x", weightedRoundRobin: "- / 203 / TO / TO", prequal: "- / - / - / 350" },
  { load: "1.41x", weightedRoundRobin: "- / rising / TO / TO", prequal: "p99 begins to rise" },
  { load: "1.57x", weightedRoundRobin: "111 / TO / TO / TO", prequal: "p90 begins to rise" },
  { load: "1.74x", weightedRoundRobin: "150 / TO / TO / TO", prequal: "105 / 240 / 450 / 700" },
];

/** The paper's figures beside ours, step by step. */
export function figureSix({ cells }: ChapterResults): readonly Table[] {
  const runs = cells.find((results) => results.cell.scenario.name === "prequal-ramp")?.runs;
  if (runs === undefined) return [];
  const names = [...runs.keys()];
  return [
    {
      title: "Figure 6 of the paper, and the same here",
      note: "p50 / p90 / p99 / p99.9 in ms, and the share of errors; TO is the time-out of 5 s, - is not given. In the paper each policy runs for minutes, here for seconds: queues that grow without bound have less time to.",
      columns: [{ label: "load" }, { label: "paper: WRR" }, { label: "paper: Prequal" }, ...names.map((label) => ({ label }))],
      rows: paper.map(({ load, weightedRoundRobin, prequal }) => {
        return [load, weightedRoundRobin, prequal, ...names.map((name) => ourStep(runs.get(name) ?? [], load))];
      }),
    },
  ];
}

type Runs = NonNullable<ReturnType<ChapterResults["cells"][number]["runs"]["get"]>>;

/** The mean over seeds. */
function ourStep(runs: Runs, load: string): string {
  const windows = runs.flatMap((run) => run.windows.filter(({ label }) => label === load));
  if (windows.length === 0) return "-";
  const mean = (of: (window: (typeof windows)[number]) => number) => windows.reduce((sum, window) => sum + of(window), 0) / windows.length;
  const quantiles = (["p50", "p90", "p99", "p999"] as const).map((name) => inMs(mean(({ latencyMs }) => latencyMs[name])));
  const errors = mean(({ errorShare }) => errorShare);
  return `${quantiles.join(" / ")}${errors > 0 ? `, ${(100 * errors).toFixed(1)} %` : ""}`;
}

function inMs(ms: number): string {
  return ms >= 4_950 ? "TO" : ms.toFixed(0);
}
