import type { ContenderName } from "./contenders.ts";
import type { PodOrder } from "./pod-main.ts";
import { atLeast, atMost, type Line, type LiveScenario, type Outcome } from "./scenario.ts";
import type { Load, Stage } from "./stage.ts";

interface Restart {
  readonly pods: number;
  readonly order: Partial<PodOrder>;
  /** What is different of those that take their places. */
  readonly changes?: Partial<PodOrder>;
  readonly load: Partial<Load>;
}

/** Replaces all pods, one after the other, each on its own port; half a second is between them. */
async function restart(stage: Stage, contender: ContenderName, { pods, order, changes, load }: Restart): Promise<Outcome["ledger"]> {
  await stage.startPods(pods, order);
  await stage.begin({ contender, ...load });
  await stage.at(1_000);
  for (let turn = 0; turn < stage.rounds * pods; turn++) {
    const index = turn % pods;
    stage.pods[index] = await (stage.pods[index] as Stage["pods"][number]).replace(changes);
    await stage.at(stage.nowMs + 500);
  }
  await stage.at(stage.nowMs + 1_000);
  return stage.end();
}

/** How long each of a server's first 2,000 calls takes while its cache is empty; Node.js has compiled nothing then, either. */
const missMs = 40;
const cold: Partial<PodOrder> = { cold: { calls: 2_000, ms: missMs } };

/** Replaces four servers; their clients see of it what the new ones are like at first. */
function newcomers(id: string, title: string, changes: Partial<PodOrder>, line: (ledger: Outcome["ledger"]) => Line): LiveScenario {
  return {
    id,
    title,
    contenders: ["meshless"],
    async run(stage, contender) {
      const load = { method: "update", callsPerSecond: 150 } as const;
      const ledger = await restart(stage, contender, { pods: 4, order: {}, changes, load });
      return { ledger, lines: [atMost("failed", ledger.failed, 0), line(ledger)] };
    },
  };
}

const slowPercent = (ledger: Outcome["ledger"]) => 100 * ledger.slowerThan(missMs);
const p99Line = (ledger: Outcome["ledger"]) => atMost("p99, what a cold one takes", ledger.latencyMs(0.99), missMs, "ms");

export const restartScenarios: readonly LiveScenario[] = [
  {
    id: "F14-hooks",
    title: "all eight are replaced; calls that may not be repeated",
    contenders: ["meshless", "grpc-js", "connect-node"],
    async run(stage, contender) {
      const ledger = await restart(stage, contender, { pods: 8, order: {}, load: { method: "update", callsPerSecond: 400 } });
      return { ledger, lines: [atMost("failed", ledger.failed, 0)] };
    },
  },
  {
    id: "F14-short",
    title: "all four are replaced; calls that may not be repeated",
    contenders: ["meshless"],
    isShort: true,
    async run(stage, contender) {
      const ledger = await restart(stage, contender, { pods: 4, order: {}, load: { method: "update" } });
      return { ledger, lines: [atMost("failed", ledger.failed, 0)] };
    },
  },
  {
    id: "F14-plain",
    title: "all eight are replaced, servers without our hooks",
    contenders: ["meshless", "grpc-js", "connect-node"],
    async run(stage, contender) {
      const ledger = await restart(stage, contender, { pods: 8, order: { hooks: "plain" }, load: { callsPerSecond: 400 } });
      return { ledger, lines: [atMost("failed", ledger.failedPercent, 0.01, "%")] };
    },
  },
  newcomers("F14-cold", "all four are replaced, cold for 2,000 calls", cold, (ledger) =>
    atLeast("as slow as a cold one", slowPercent(ledger), 10, "%"),
  ),
  newcomers("F14-warm", "the same, and they warm up", { ...cold, warmUp: true }, p99Line),
  newcomers("F14-never", "the same, never cold: what warming up can come to", {}, p99Line),
];
