import { Child } from "../demo/child.ts";
import type { CallerOrder, RoundOrder, RoundReport } from "./caller.ts";
import { type Contender, contenders } from "./contenders.ts";
import type { Listening, ResponderOrder } from "./responder.ts";
import { median } from "./statistics.ts";

export type UnaryFigures = Record<Contender, { readonly cpuUs: number; readonly ratioToRaw: number }>;

const ENDPOINTS = 4;
const CONCURRENCY = 50;
const ROUNDS = 24;
const CALLS_A_ROUND = 1_500;
/** Enough for the compiler to have settled: figures of later rounds no longer fall. */
const WARM_UP_ROUNDS = 6;

/**
 * Client CPU per unary call. Each contender is a process of its own, so that none pays for the garbage of another. They take
 * turns round by round, so that a noisy neighbour hits all of them, and the median round counts.
 */
export async function measureUnary(progress: (text: string) => void): Promise<UnaryFigures> {
  const responder = new Child("responder", new URL("./responder.ts", import.meta.url), { endpoints: ENDPOINTS } satisfies ResponderOrder);
  const { ports } = await responder.nextMessage<Listening>();
  const callers = names().map((contender) => ({ contender, child: startCaller(contender, ports), cpuUs: [] as number[] }));

  for (let round = 1; round <= WARM_UP_ROUNDS + ROUNDS; round++) {
    progress(round <= WARM_UP_ROUNDS ? "unary: warming up" : `unary: round ${round - WARM_UP_ROUNDS} of ${ROUNDS}`);
    for (const { child, cpuUs } of callers) {
      const cpuUsPerCall = await runRound(child);
      if (round > WARM_UP_ROUNDS) cpuUs.push(cpuUsPerCall);
    }
  }
  await Promise.all([responder, ...callers.map(({ child }) => child)].map((child) => child.kill()));
  return figuresOf(callers);
}

function names(): Contender[] {
  return Object.keys(contenders) as Contender[];
}

function startCaller(contender: Contender, ports: readonly number[]): Child {
  return new Child(contender, new URL("./caller.ts", import.meta.url), {
    contender,
    ports,
    concurrency: CONCURRENCY,
  } satisfies CallerOrder);
}

async function runRound(caller: Child): Promise<number> {
  caller.send<RoundOrder>({ calls: CALLS_A_ROUND });
  return (await caller.nextMessage<RoundReport>()).cpuUsPerCall;
}

function figuresOf(callers: readonly { contender: Contender; cpuUs: readonly number[] }[]): UnaryFigures {
  const cpuUs = new Map(callers.map((caller) => [caller.contender, median(caller.cpuUs)]));
  const raw = cpuUs.get("raw-node-http2") ?? Number.NaN;
  const figures = [...cpuUs].map(([contender, value]) => [
    contender,
    { cpuUs: Number(value.toFixed(1)), ratioToRaw: Number((value / raw).toFixed(2)) },
  ]);
  return Object.fromEntries(figures) as UnaryFigures;
}
