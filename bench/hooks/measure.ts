import { Child } from "../../demo/child.ts";
import { median } from "../statistics.ts";
import type { CallerOrder, RoundOrder, RoundReport } from "../unary/caller.ts";
import type { Hooks, ServerCpu, ServerListening, ServerOrder } from "./hooked-server.ts";

export interface HookFigures {
  /** Of the server, a call. */
  readonly cpuUs: number;
  /** To the server without hooks: the median of the rounds' ratios. */
  readonly ratio: number;
}

const HOOKS: readonly Hooks[] = [
  "none",
  "guarded()",
  "an empty interceptor",
  "an interceptor with a header",
  "healthReporting()",
  "handler()",
];
const ROUNDS = 30;
const WARM_UP_ROUNDS = 6;
const CALLS_A_ROUND = 1_500;

interface Site {
  readonly hooks: Hooks;
  readonly server: Child;
  readonly caller: Child;
  readonly cpuUs: number[];
}

/** CPU that servers take for a unary call, by what they have of our hooks. Rounds take turns. */
export async function measureHooks(progress: (text: string) => void): Promise<Readonly<Record<Hooks, HookFigures>>> {
  const sites = await Promise.all(HOOKS.map(startSite));
  for (let round = 1; round <= WARM_UP_ROUNDS + ROUNDS; round++) {
    progress(`hooks: round ${round} of ${WARM_UP_ROUNDS + ROUNDS}`);
    for (const site of sites) {
      const cpuUs = await runRound(site);
      if (round > WARM_UP_ROUNDS) site.cpuUs.push(cpuUs);
    }
  }
  await Promise.all(sites.flatMap(({ server, caller }) => [server.kill(), caller.kill()]));
  const bare = sites[0]?.cpuUs ?? [];
  const figures = sites.map(({ hooks, cpuUs }) => {
    const ratio = median(cpuUs.map((us, round) => us / (bare[round] ?? Number.NaN)));
    return [hooks, { cpuUs: Number(median(cpuUs).toFixed(1)), ratio: Number(ratio.toFixed(3)) }];
  });
  return Object.fromEntries(figures);
}

async function startSite(hooks: Hooks): Promise<Site> {
  const server = new Child(`server with ${hooks}`, new URL("./hooked-server.ts", import.meta.url), { hooks } satisfies ServerOrder);
  const { port } = await server.nextMessage<ServerListening>();
  const order: CallerOrder = { contender: "raw-equal-connect", ports: [port], ca: undefined, text: "hello" };
  return { hooks, server, caller: new Child("caller", new URL("../unary/caller.ts", import.meta.url), order), cpuUs: [] };
}

async function runRound({ server, caller }: Site): Promise<number> {
  const before = await cpuOf(server);
  caller.send<RoundOrder>({ calls: CALLS_A_ROUND, concurrency: 50 });
  await caller.nextMessage<RoundReport>();
  return ((await cpuOf(server)) - before) / CALLS_A_ROUND;
}

async function cpuOf(server: Child): Promise<number> {
  server.send("cpu");
  return (await server.nextMessage<ServerCpu>()).cpuUs;
}
