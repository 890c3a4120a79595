import { Child } from "../../demo/child.ts";
import type { CallerOrder, RoundOrder, RoundReport } from "../unary/caller.ts";
import { CONCURRENCY, TEXT } from "../unary/cells.ts";
import type { Contender } from "../unary/contenders.ts";
import type { Listening, ResponderOrder } from "../unary/responder.ts";
import { CountedChild } from "./counted-child.ts";

export interface InstructionFigures {
  /** Of the client process, per call: the mean of all its processes. */
  readonly instructions: number;
  /** With whom it is compared. */
  readonly beside: Contender;
  readonly ratio: number;
  /** How far the processes are apart: the highest count over the lowest. */
  readonly spread: number;
}

export type InstructionTable = Readonly<Partial<Record<Contender, InstructionFigures>>>;

/** Each with the one that it is compared with. */
const comparisons: Partial<Record<Contender, Contender>> = {
  "raw-equal-connect": "raw-equal-connect",
  "meshless-connect": "raw-equal-connect",
  "connect-node-connect": "raw-equal-connect",
  "raw-equal-grpc": "raw-equal-grpc",
  "meshless-grpc": "raw-equal-grpc",
  "grpc-js": "raw-equal-grpc",
  "connect-node-grpc": "raw-equal-grpc",
  "meshless-connect-again": "meshless-connect",
  "meshless-connect-no-op": "meshless-connect",
  "meshless-connect-spans": "meshless-connect",
  "meshless-grpc-no-op": "meshless-grpc",
};

const ENDPOINTS = 4;
const PROCESSES = 2;
/** Until the compiler has settled. These are not counted. After 9,000 it is still at work: half of what is counted then is its. */
const WARM_UP_CALLS = 60_000;
/** Counted and thrown away: counting discards what valgrind has translated. */
const SETTLING_CALLS = 500;
const COUNTED_CALLS = 3_000;

/** Instructions that a client process executes per call, its garbage collection included. What the kernel does is not among them. */
export async function measureInstructions(progress: (text: string) => void): Promise<InstructionTable> {
  const order: ResponderOrder = { endpoints: ENDPOINTS, text: TEXT, tls: undefined };
  const responder = new Child("responder", new URL("../unary/responder.ts", import.meta.url), order);
  const { ports } = await responder.nextMessage<Listening>();
  const counts = new Map<Contender, number[]>();
  for (let number = 1; number <= PROCESSES; number++) {
    for (const contender of Object.keys(comparisons) as Contender[]) {
      progress(`instructions: ${contender}, process ${number} of ${PROCESSES}`);
      const count = await countCalls({ contender, ports, ca: undefined, text: TEXT });
      counts.set(contender, [...(counts.get(contender) ?? []), count]);
    }
  }
  await responder.kill();
  return Object.fromEntries([...counts.keys()].map((contender) => [contender, figuresOf(counts, contender)]));
}

async function countCalls(order: CallerOrder): Promise<number> {
  const caller = await CountedChild.start(order.contender, new URL("../unary/caller.ts", import.meta.url), order);
  const make = async (calls: number) => {
    caller.child.send<RoundOrder>({ calls, concurrency: CONCURRENCY });
    await caller.child.nextMessage<RoundReport>();
  };
  await make(WARM_UP_CALLS);
  await caller.startCounting();
  await make(SETTLING_CALLS);
  await caller.takeCount();
  await make(COUNTED_CALLS);
  const count = await caller.takeCount();
  await caller.kill();
  return count / COUNTED_CALLS;
}

function figuresOf(counts: ReadonlyMap<Contender, readonly number[]>, contender: Contender): InstructionFigures {
  const beside = comparisons[contender] ?? contender;
  const own = counts.get(contender) ?? [];
  return {
    instructions: Math.round(mean(own)),
    beside,
    ratio: Number((mean(own) / mean(counts.get(beside) ?? [])).toFixed(3)),
    spread: Number((Math.max(...own) / Math.min(...own)).toFixed(3)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
