import { parseArgs } from "node:util";
import { countIn, namesIn } from "../suite/options.ts";

/** Who is compared unless the user says otherwise: today's ways, the usual rivals, and ours. */
export const DEFAULT_POLICIES = [
  "kube-proxy",
  "envoy-zones",
  "round-robin",
  "p2c",
  "p2c-ejecting",
  "peak-ewma",
  "weighted-round-robin",
  "prequal",
  "meshless",
] as const;

const DEFAULT_SEEDS = 3;

export const HELP = `npx meshless-simulator FLEET [options]

Compares load balancing policies on a simulated fleet. FLEET is a YAML file, or a module that exports \`scenario\`
(and perhaps \`contenders\` of your own).

  --policies A,B     who is compared
                     (${DEFAULT_POLICIES.slice(0, 5).join(",")},
                     ${DEFAULT_POLICIES.slice(5).join(",")})
  --seeds N          how many times each runs it, with other dice                       (${DEFAULT_SEEDS})
  --report FILE.html writes a page with pictures: latency, p99 over time, calls by pod
  --json             prints all figures of every run as JSON, instead of the table
  --threads N        how many runs at once                  (as many as there are cores)
  --list             the policies there are
  --help             this

Exit codes: 0 done, 1 a run failed, 2 the arguments or the fleet are wrong, 130 interrupted.`;

export interface CliOptions {
  readonly fleet: string;
  /** Undefined: the default ones, and whatever the fleet brings along. */
  readonly policies: readonly string[] | undefined;
  readonly seeds: number;
  readonly report: string | undefined;
  readonly json: boolean;
  readonly threads: number | undefined;
}

/** @throws Error that says what is wrong with the arguments */
export function readOptions(args: readonly string[]): CliOptions | "help" | "list" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { policies: text, seeds: text, report: text, json: flag, threads: text, list: flag, help: { ...flag, short: "h" } },
  });
  if (values.help) return "help";
  if (values.list) return "list";
  const [fleet, ...more] = positionals;
  if (fleet === undefined) throw new Error("which fleet? Give a file, such as my-fleet.yaml");
  if (more.length > 0) throw new Error(`one fleet at a time: ${more.join(", ")} ${more.length === 1 ? "is" : "are"} too many`);
  return {
    fleet,
    policies: namesIn(values.policies),
    seeds: countIn("seeds", values.seeds) ?? DEFAULT_SEEDS,
    report: values.report,
    json: values.json,
    threads: countIn("threads", values.threads),
  };
}
