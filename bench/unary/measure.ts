import { Child } from "../../demo/child.ts";
import { median } from "../statistics.ts";
import type { CallerOrder, RoundOrder, RoundReport } from "./caller.ts";
import { type Contender, equalTo } from "./contenders.ts";
import type { Listening, ResponderOrder } from "./responder.ts";

export interface CallFigures {
  readonly cpuUs: number;
  /** To `raw-node-http2`. */
  readonly ratioToRaw: number;
  /** To the raw contender that does the same work. */
  readonly ratioToEqualRaw: number;
  readonly bytes: number;
  /** One call at a time. */
  readonly p50Us: number;
  readonly p99Us: number;
}

export type UnaryFigures = Partial<Record<Contender, CallFigures>>;

/** What calls are made like. */
export interface Cell {
  readonly contenders: readonly Contender[];
  readonly text: string;
  readonly concurrency: number;
  readonly rounds: number;
  /** Whether calls are made one at a time as well, for their latency. Default true. */
  readonly hasSingles?: boolean;
  /** A certificate for 127.0.0.1, and its authority; undefined: h2c. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string } | undefined;
}

const ENDPOINTS = 4;
const CALLS_A_ROUND = 1_500;
/** One at a time. */
const SINGLE_CALLS_A_ROUND = 200;
/** Enough for the compiler to have settled: figures of later rounds no longer fall. */
const WARM_UP_ROUNDS = 6;

/** All rounds of one contender, those to warm up left out. */
export interface Measured {
  readonly contender: Contender;
  readonly rounds: RoundReport[];
  /** Of one call at a time. */
  readonly singles: RoundReport[];
}

export async function measureCell(cell: Cell, progress: (text: string) => void): Promise<UnaryFigures> {
  return figuresOf(await measureRounds(cell, progress));
}

/**
 * Client CPU per unary call. Each contender is a process of its own, so that none pays for the garbage of another. They take
 * turns round by round, so that a noisy neighbour hits all of them, and the median round counts.
 */
export async function measureRounds(cell: Cell, progress: (text: string) => void): Promise<readonly Measured[]> {
  const { text, tls, hasSingles = true } = cell;
  const responder = new Child("responder", new URL("./responder.ts", import.meta.url), {
    endpoints: ENDPOINTS,
    text,
    tls,
  } satisfies ResponderOrder);
  const { ports } = await responder.nextMessage<Listening>();
  const callers = cell.contenders.map((contender) => startCaller({ contender, ports, text, ca: tls?.ca }));
  for (let round = 1; round <= WARM_UP_ROUNDS + cell.rounds; round++) {
    progress(round <= WARM_UP_ROUNDS ? "unary: warming up" : `unary: round ${round - WARM_UP_ROUNDS} of ${cell.rounds}`);
    for (const { child, rounds, singles } of callers) {
      const report = await runRound(child, { calls: CALLS_A_ROUND, concurrency: cell.concurrency });
      const single = hasSingles && (await runRound(child, { calls: SINGLE_CALLS_A_ROUND, concurrency: 1 }));
      if (round <= WARM_UP_ROUNDS) continue;
      rounds.push(report);
      if (single) singles.push(single);
    }
  }
  await Promise.all([responder, ...callers.map(({ child }) => child)].map((child) => child.kill()));
  return callers;
}

function startCaller(order: CallerOrder): Measured & { readonly child: Child } {
  const { contender } = order;
  return { contender, child: new Child(contender, new URL("./caller.ts", import.meta.url), order), rounds: [], singles: [] };
}

function runRound(child: Child, order: RoundOrder): Promise<RoundReport> {
  child.send<RoundOrder>(order);
  return child.nextMessage<RoundReport>();
}

function figuresOf(callers: readonly Measured[]): UnaryFigures {
  const cpuUs = new Map(callers.map(({ contender, rounds }) => [contender, median(rounds.map(({ cpuUs }) => cpuUs))]));
  const ratio = (contender: Contender, to: Contender) => rounded((cpuUs.get(contender) ?? Number.NaN) / (cpuUs.get(to) ?? Number.NaN), 2);
  const figures = callers.map(({ contender, rounds, singles }) => [
    contender,
    {
      cpuUs: rounded(cpuUs.get(contender) ?? Number.NaN, 1),
      ratioToRaw: ratio(contender, "raw-node-http2"),
      ratioToEqualRaw: ratio(contender, equalTo(contender)),
      bytes: rounded(median(rounds.map(({ bytes }) => bytes)), 0),
      p50Us: rounded(median(singles.map(({ p50Us }) => p50Us)), 1),
      p99Us: rounded(median(singles.map(({ p99Us }) => p99Us)), 1),
    } satisfies CallFigures,
  ]);
  return Object.fromEntries(figures) as UnaryFigures;
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
