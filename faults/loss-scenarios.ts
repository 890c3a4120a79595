import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "meshless/testing";
import { type NetworkNamespace, whyNoNetworkNamespace } from "../test/network/network-namespace.ts";
import type { PodOrder } from "./pod-main.ts";
import { atLeast, atMost, type LiveScenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const pods = 8;
const order: Partial<PodOrder> = { work: { slots: 1_000, ms: 20 } };
const fromMs = 2_000;
const untilMs = 22_000;

/** Kernels without `netem` can't lose packets one by one. So all of them are lost for a few ms, as long as telling the kernel takes, at times that chance chooses. */
async function loseInBursts(stage: Stage, network: NetworkNamespace, share: number): Promise<void> {
  const random = seededRandom(8);
  while (stage.nowMs < untilMs) {
    const beganAtMs = stage.nowMs;
    network.lose("both");
    network.deliver();
    const meanGapMs = ((stage.nowMs - beganAtMs) * (1 - share)) / share;
    await delay(-Math.log(1 - random()) * meanGapMs);
  }
}

function loss(id: string, share: number): LiveScenario {
  return {
    id,
    title: `packets are lost both ways, ${100 * share} % of the time`,
    contenders: ["meshless", "grpc-js", "connect-node"],
    whyNot: whyNoNetworkNamespace,
    async run(stage, contender) {
      const network = stage.startNetwork();
      await stage.startPods(pods, order, { network });
      await stage.begin({ contender, options: { retry: { perAttemptTimeoutMs: 400 } } });
      await stage.at(fromMs);
      await loseInBursts(stage, network, share);
      const ledger = await stage.end();
      const shares = Array.from({ length: pods }, (_, index) => ledger.between(fromMs).shareOf(`pod-${index}`) * pods);
      return {
        ledger,
        lines: [
          atMost("failed", ledger.failedPercent, 0.01, "%"),
          atLeast("share of the least called, of a fair one: nobody is ejected for it", Math.min(...shares), 0.5),
        ],
      };
    },
  };
}

export const lossScenarios: readonly LiveScenario[] = [loss("F8", 0.01), loss("F8-much", 0.1)];
