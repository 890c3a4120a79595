import type { ContenderName } from "./contenders.ts";
import type { PodOrder } from "./pod-main.ts";
import { atMost, type LiveScenario, type Outcome } from "./scenario.ts";
import type { Load, Stage } from "./stage.ts";

interface Restart {
  readonly pods: number;
  readonly order: Partial<PodOrder>;
  readonly load: Partial<Load>;
}

/** Replaces all pods, one after the other, each on its own port; half a second is between them. */
async function restart(stage: Stage, contender: ContenderName, { pods, order, load }: Restart): Promise<Outcome["ledger"]> {
  await stage.startPods(pods, order);
  await stage.begin({ contender, ...load });
  await stage.at(1_000);
  for (let turn = 0; turn < stage.rounds * pods; turn++) {
    const index = turn % pods;
    stage.pods[index] = await (stage.pods[index] as Stage["pods"][number]).replace();
    await stage.at(stage.nowMs + 500);
  }
  await stage.at(stage.nowMs + 1_000);
  return stage.end();
}

/** Long to take: a compiler and a cache, both cold for the first two thousand calls. */
const cold: Partial<PodOrder> = { cold: { calls: 2_000, ms: 3 } };

function coldRestart(id: string, title: string, warmUp: boolean): LiveScenario {
  return {
    id,
    title,
    contenders: ["meshless"],
    async run(stage, contender) {
      const ledger = await restart(stage, contender, {
        pods: 4,
        order: { ...cold, warmUp },
        load: { method: "update", callsPerSecond: 250 },
      });
      return {
        ledger,
        lines: [atMost("failed", ledger.failed, 0), ...(warmUp ? [atMost("p99 of all calls", ledger.latencyMs(0.99), 25, "ms")] : [])],
      };
    },
  };
}

export const restartScenarios: readonly LiveScenario[] = [
  {
    id: "F14",
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
  coldRestart("F14-cold", "all four are replaced, cold for 2,000 calls", false),
  coldRestart("F14-warm", "the same, and they warm up", true),
];
