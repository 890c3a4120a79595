import type { Endpoint } from "meshless";
import { EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";
import type { ContenderName } from "./contenders.ts";
import type { Ledger } from "./ledger.ts";
import { lossScenarios } from "./loss-scenarios.ts";
import { overloadScenarios } from "./overload-scenarios.ts";
import type { PodPlace } from "./pod.ts";
import type { PodOrder } from "./pod-main.ts";
import { restartScenarios } from "./restart-scenarios.ts";
import { atLeast, atMost, type Line, type LiveScenario, type Outcome } from "./scenario.ts";
import type { Load, Stage } from "./stage.ts";

const all: readonly ContenderName[] = ["meshless", "grpc-js", "connect-node"];
const ours: readonly ContenderName[] = ["meshless"];
/** Waits as a database would be waited for: no server is short of anything. */
const waiting: Partial<PodOrder> = { work: { slots: 1_000, ms: 20 } };
const pods = 8;
/** As much of the method's descriptor as can be sent to another process. */
const echo = { name: "Echo", parent: { typeName: EchoService.typeName } };
/** When the fault begins: before that is calm. */
const faultMs = 2_000;

interface Fault {
  readonly load?: Partial<Load>;
  readonly order?: Parameters<Stage["startPods"]>[1];
  readonly place?: PodPlace;
  readonly untilMs: number;
  /** From the beginning of the fault. What it returns is handed on to `lines`. */
  act(stage: Stage): Promise<void> | void;
  lines(ledger: Ledger, stage: Stage): readonly Line[] | Promise<readonly Line[]>;
}

/** Eight pods at 200 calls per second, to which something happens after two seconds. */
function fault({ load, order = waiting, place = {}, untilMs, act, lines }: Fault): LiveScenario["run"] {
  return async (stage, contender): Promise<Outcome> => {
    await stage.startPods(pods, order, place);
    await stage.begin({ contender, ...load });
    await stage.at(faultMs);
    await act(stage);
    await stage.at(untilMs);
    const ledger = await stage.end();
    checkSpread(ledger, contender);
    return { ledger, lines: await lines(ledger, stage) };
  };
}

/** Who calls one server alone while all is well has been set up wrongly, and shows nothing of what it can do. */
function checkSpread(ledger: Ledger, contender: ContenderName): void {
  const { servers } = ledger.between(0, faultMs);
  if (servers.size < 2)
    throw new Error(`before the fault, ${contender} was answered by ${[...servers].join() || "nobody"} alone: see contenders.ts`);
}

const first = (stage: Stage) => stage.pods[0] as Stage["pods"][number];
const noneFailed = (ledger: Ledger) => atMost("failed", ledger.failed, 0);

async function every(stage: Stage, periodMs: number, untilMs: number, act: (turn: number) => void): Promise<void> {
  for (let turn = 0; faultMs + turn * periodMs < untilMs; turn++) {
    await stage.at(faultMs + turn * periodMs);
    act(turn);
  }
}

const killFirst = (stage: Stage) => first(stage).kill();

async function standStill(stage: Stage): Promise<void> {
  first(stage).signal("SIGSTOP");
  await stage.at(faultMs + 30_000);
  first(stage).signal("SIGCONT");
}

function afterStandstill(failedPercent: number): Fault["lines"] {
  return (ledger) => [
    atMost("failed in the 30 s", ledger.between(faultMs, faultMs + 30_000).failedPercent, failedPercent, "%"),
    atMost("back after", (ledger.firstAnswerOf("pod-0", faultMs + 30_000) - faultMs) / 1_000 - 30, 15, "s"),
  ];
}

const endpointFaults: readonly LiveScenario[] = [
  {
    id: "F1",
    title: "one of eight is killed",
    contenders: all,
    isShort: true,
    run: fault({ untilMs: 10_000, act: killFirst, lines: (ledger) => [noneFailed(ledger)] }),
  },
  {
    id: "F1-update",
    title: "the same, calls that may not be repeated",
    contenders: all,
    run: fault({
      load: { method: "update" },
      untilMs: 10_000,
      act: killFirst,
      lines: (ledger) => [atMost("failed, no more than were in flight", ledger.failed, 3)],
    }),
  },
  {
    id: "F2",
    title: "one of eight stands still for 30 s",
    contenders: all,
    run: fault({ untilMs: 62_000, act: standStill, lines: afterStandstill(0.5) }),
  },
  {
    id: "F2-attempts",
    title: "the same, attempts have 300 ms",
    contenders: ours,
    run: fault({
      load: { options: { retry: { perAttemptTimeoutMs: 300 } } },
      untilMs: 62_000,
      act: standStill,
      lines: afterStandstill(0),
    }),
  },
  {
    id: "F2-hedged",
    title: "the same, calls are hedged",
    contenders: ours,
    run: fault({
      load: { options: { methods: [[echo, { hedging: true }]] } },
      untilMs: 62_000,
      act: standStill,
      lines: afterStandstill(0),
    }),
  },
  {
    id: "F3",
    title: "one of eight takes 500 ms longer",
    contenders: all,
    run: fault({
      untilMs: 14_000,
      act: (stage) => first(stage).behave({ delayMs: 500 }),
      lines: (ledger) => [
        atMost("share of the slow one, of a fair one", ledger.between(faultMs + 5_000).shareOf("pod-0") * pods, 0.25),
        atMost("p99, of that before", ledger.between(faultMs + 5_000).latencyMs(0.99) / ledger.between(500, faultMs).latencyMs(0.99), 1.5),
      ],
    }),
  },
  {
    id: "F4",
    title: "one of eight fails everything at once",
    contenders: all,
    isShort: true,
    run: async (stage, contender) => {
      await stage.startPods(pods, waiting);
      await stage.begin({ contender });
      await stage.at(faultMs);
      first(stage).behave({ failing: { share: 1, code: "Unavailable" } });
      await stage.at(faultMs + 5_000);
      const before = await first(stage).handled();
      await stage.at(faultMs + 13_000);
      const attempts = (await first(stage).handled()) - before;
      const ledger = await stage.end();
      const late = ledger.between(faultMs + 5_000, faultMs + 13_000);
      return { ledger, lines: [atMost("attempts on it, from 5 s on", (100 * attempts) / late.calls, 2, "%")] };
    },
  },
  {
    id: "F4-some",
    title: "one of eight fails one call in five",
    contenders: all,
    run: fault({
      untilMs: 22_000,
      act: (stage) => first(stage).behave({ failing: { share: 0.2, code: "Internal" } }),
      lines: (ledger) => [atMost("failed, from 5 s on; 2.5 % without care", ledger.between(faultMs + 5_000).failedPercent, 2, "%")],
    }),
  },
];

const connectionFaults: readonly LiveScenario[] = [
  {
    id: "F5",
    title: "connections are reset, twice a second",
    contenders: all,
    isShort: true,
    run: fault({
      place: { isProxied: true },
      untilMs: 10_000,
      act: (stage) => every(stage, 500, 9_000, (turn) => stage.pods[turn % pods]?.proxy?.resetPeers()),
      lines: (ledger) => [noneFailed(ledger)],
    }),
  },
  {
    id: "F6",
    title: "the way to one of eight swallows all, both ways",
    contenders: all,
    run: fault({
      place: { isProxied: true },
      untilMs: 22_000,
      act: (stage) => first(stage).proxy?.stall(),
      lines: (ledger) => [
        atMost("longest call", ledger.longestMs, 1_500, "ms"),
        atMost("failed in the 20 s", ledger.between(faultMs).failedPercent, 0.75, "%"),
      ],
    }),
  },
  {
    id: "F10",
    title: "each connection gets GOAWAY after 50 calls",
    contenders: all,
    isShort: true,
    run: fault({
      untilMs: 12_000,
      act: (stage) => stage.pods.forEach((pod) => pod.behave({ goaway: { afterCalls: 50, abrupt: false } })),
      lines: (ledger) => [noneFailed(ledger)],
    }),
  },
  {
    id: "F10-abrupt",
    title: "the same, the last call refused",
    contenders: all,
    run: fault({
      untilMs: 12_000,
      act: (stage) => stage.pods.forEach((pod) => pod.behave({ goaway: { afterCalls: 50, abrupt: true } })),
      lines: (ledger) => [noneFailed(ledger)],
    }),
  },
];

const discoveryFaults: readonly LiveScenario[] = [
  {
    id: "F13",
    title: "three of eight are listed as unhealthy and healthy in turn, twice a second",
    contenders: ours,
    run: fault({
      untilMs: 14_000,
      act: (stage) =>
        every(stage, 500, 13_000, (turn) => {
          const health = turn % 2 === 0 ? "unhealthy" : "healthy";
          const flap = (one: Endpoint, index: number): Endpoint => (index < 3 ? { ...one, health } : one);
          stage.tell({ endpoints: stage.endpoints().map(flap) });
        }),
      lines: (ledger) => [noneFailed(ledger)],
    }),
  },
  {
    id: "F15",
    title: "from 3 to 12, and back to 3",
    contenders: ours,
    async run(stage, contender) {
      await stage.startPods(12, waiting);
      await stage.begin({ contender, only: 3 });
      await stage.at(faultMs);
      stage.tell({ endpoints: stage.endpoints() });
      await stage.at(12_000);
      stage.tell({ endpoints: stage.endpoints(stage.pods.slice(0, 3)) });
      await stage.at(16_000);
      const ledger = await stage.end();
      const firstMs = stage.pods.slice(3).map(({ name }) => ledger.firstAnswerOf(name, faultMs) - faultMs);
      return {
        ledger,
        lines: [noneFailed(ledger), atMost("the last newcomer's first answer after", Math.max(...firstMs) / 1_000, 1, "s")],
      };
    },
  },
  {
    id: "F16",
    title: "all four of the own zone are killed, four of another are left",
    contenders: ours,
    run: async (stage, contender) => {
      await stage.startPods(pods, waiting);
      const zoned = stage.endpoints().map((one, index): Endpoint => ({ ...one, locality: { region: "r", zone: index < 4 ? "a" : "b" } }));
      await stage.begin({ contender, endpoints: zoned, options: { zone: "a" } });
      await stage.at(faultMs);
      await Promise.all(stage.pods.slice(0, 4).map((pod) => pod.kill()));
      await stage.at(10_000);
      const ledger = await stage.end();
      const inZone = ledger.between(0, faultMs - 500).shareOf("pod-0", "pod-1", "pod-2", "pod-3");
      return { ledger, lines: [noneFailed(ledger), atLeast("in the own zone before", 100 * inZone, 99, "%")] };
    },
  },
];

const clientFaults: readonly LiveScenario[] = [
  {
    id: "F22",
    title: "the clients stand still for 10 s",
    contenders: all,
    holdsClientsUp: true,
    run: fault({
      untilMs: 20_000,
      async act(stage) {
        stage.signal("SIGSTOP");
        await stage.at(faultMs + 10_000);
        stage.signal("SIGCONT");
      },
      lines: (ledger) => [atMost("failed, from a second after that on", ledger.between(faultMs + 11_000).failed, 0)],
    }),
  },
  {
    id: "F26",
    title: "the clients' event loops stand still for 500 ms, every 2 s",
    contenders: all,
    holdsClientsUp: true,
    run: fault({
      untilMs: 14_000,
      act: (stage) => every(stage, 2_000, 13_000, () => stage.tell({ blockMs: 500 })),
      lines: (ledger) => {
        const shares = Array.from({ length: pods }, (_, index) => ledger.between(faultMs).shareOf(`pod-${index}`) * pods);
        return [noneFailed(ledger), atLeast("share of the least called, of a fair one", Math.min(...shares), 0.5)];
      },
    }),
  },
  {
    id: "F27",
    title: "the event loop of one of eight stands still for 300 ms, every second",
    contenders: all,
    run: fault({
      untilMs: 17_000,
      act: (stage) => first(stage).behave({ blocked: { ms: 300, everyMs: 1_000 } }),
      lines: (ledger) => [
        atMost("p99, from 5 s on: half of what taking turns has", ledger.between(faultMs + 5_000).latencyMs(0.99), 130, "ms"),
      ],
    }),
  },
  {
    id: "F30",
    title: "half of the servers report nothing",
    contenders: ours,
    run: fault({
      order: (index) => ({ ...waiting, hooks: index < 4 ? "silent" : "all" }),
      untilMs: 12_000,
      act: () => {},
      lines: (ledger) => {
        const silent = ledger.shareOf("pod-0", "pod-1", "pod-2", "pod-3");
        return [noneFailed(ledger), atMost("their share differs from half by", 100 * Math.abs(silent - 0.5), 5, "%")];
      },
    }),
  },
];

export const liveScenarios: readonly LiveScenario[] = [
  ...endpointFaults,
  ...connectionFaults,
  ...lossScenarios,
  ...discoveryFaults,
  ...restartScenarios,
  ...clientFaults,
  ...overloadScenarios,
];
