import type { ContenderName } from "./contenders.ts";
import type { Ledger } from "./ledger.ts";
import { atLeast, atMost, type LiveScenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const slots = 4;
const workMs = 80;
const pods = 2;
const capacityPerSecond = (pods * slots * 1_000) / workMs;
const all: readonly ContenderName[] = ["meshless", "grpc-js", "connect-node"];

/** Of the capacity, for so long; the last part is what counts. */
async function load(stage: Stage, contender: ContenderName, share: number, seconds: number): Promise<Ledger> {
  await stage.begin({ contender, callsPerSecond: capacityPerSecond * share, timeoutMs: 1_000, method: "update" });
  await stage.at(seconds * 1_000);
  const ledger = await stage.end();
  return ledger.between((seconds - 5) * 1_000, seconds * 1_000);
}

const goodput = (ledger: Ledger) => (ledger.calls - ledger.failed) / 5 / capacityPerSecond;

function overload(id: string, title: string, limit: boolean, isShort: boolean): LiveScenario {
  return {
    id,
    title,
    contenders: isShort ? ["meshless"] : all,
    isShort,
    async run(stage, contender) {
      await stage.startPods(pods, { work: { slots, ms: workMs }, limit });
      const calm = limit ? await load(stage, contender, 0.7, 8) : undefined;
      await stage.endClients();
      const ledger = await load(stage, contender, 1.5, 12);
      const answered = 100 * goodput(ledger);
      if (calm === undefined) return { ledger, lines: [atMost("answered in time, of the capacity: it collapses", answered, 50, "%")] };
      return {
        ledger,
        lines: [
          atLeast("answered in time, of the capacity", answered, 90, "%"),
          atMost("p99 of what was answered, of that at 70 % load", ledger.latencyMs(0.99) / calm.latencyMs(0.99), 3),
        ],
      };
    },
  };
}

export const overloadScenarios: readonly LiveScenario[] = [
  {
    id: "F24",
    title: "all eight fail everything for 30 s",
    contenders: all,
    async run(stage, contender) {
      await stage.startPods(8);
      await stage.begin({ contender });
      const handled = async () => (await Promise.all(stage.pods.map((pod) => pod.handled()))).reduce((sum, count) => sum + count, 0);
      await stage.at(2_000);
      const before = await handled();
      for (const pod of stage.pods) pod.behave({ failing: { share: 1, code: "Unavailable" } });
      await stage.at(32_000);
      const attempts = (await handled()) - before;
      for (const pod of stage.pods) pod.behave({});
      await stage.at(46_000);
      const ledger = await stage.end();
      return {
        ledger,
        lines: [
          atMost("attempts per call", attempts / ledger.between(2_000, 32_000).calls, 1.2),
          atMost("recovered after", (ledger.calmFrom(32_500, 0.01) - 32_000) / 1_000, 10, "s"),
        ],
      };
    },
  },
  overload("F24-overload", "one and a half times the capacity, with the adaptive limit", true, true),
  overload("F24-no-limit", "the same without a limit", false, false),
];
