import { getHeapStatistics } from "node:v8";
import type { PickContext, Policy } from "meshless/balancer";
import { readOrder, tellParent } from "../demo/parent.ts";
import { type PolicyName, policies } from "./policies.ts";
import { median, quantileOf } from "./statistics.ts";
import { Workload } from "./workload.ts";

export interface PickerOrder {
  readonly policy: PolicyName;
  readonly endpoints: number;
}

/** In µs. */
export interface Times {
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface PickerFigures {
  /** `acquire` alone. */
  readonly pick: Times;
  /** All that a call takes: `acquire`, `responded` with a report, `settle`. */
  readonly call: Times;
  /** Bytes on the heap. `pick`: the policy's choice alone; `call`: the lease and all else. */
  readonly bytes: { readonly pick: number; readonly call: number };
}

const WARM_UP_CALLS = 200_000;
const ROUNDS = 100;
const CALLS_A_ROUND = 10_000;
const HEAP_SAMPLES = 101;
const CALLS_A_SAMPLE = 1_280;
const PICKS_A_SAMPLE = 1_000;

/** Of many rounds, the quickest: what is added by others on the machine, in most of them, is not the balancer's. */
function timeCalls(workload: Workload): Pick<PickerFigures, "pick" | "call"> {
  const rounds = Array.from({ length: ROUNDS }, () => timeRound(workload));
  return { pick: quickest(rounds.map(({ pick }) => pick)), call: quickest(rounds.map(({ call }) => call)) };
}

/**
 * Each part of a call is timed by itself, because what is asked for is the tail: a batch would spread one slow pick over all of them. The median
 * of what reading the clock takes, some 40 ns, is taken off.
 */
function timeRound(workload: Workload): Pick<PickerFigures, "pick" | "call"> {
  const pickUs = new Float64Array(CALLS_A_ROUND);
  const callUs = new Float64Array(CALLS_A_ROUND);
  const clockUs = new Float64Array(CALLS_A_ROUND);
  for (let call = 0; call < CALLS_A_ROUND; call++) {
    const emptyMs = performance.now();
    const endMs = performance.now();
    workload.end();
    const beginMs = performance.now();
    workload.begin();
    const overMs = performance.now();
    clockUs[call] = (endMs - emptyMs) * 1000;
    pickUs[call] = (overMs - beginMs) * 1000;
    callUs[call] = (overMs - endMs) * 1000;
  }
  const readingUs = median(clockUs);
  return { pick: timesOf(pickUs, readingUs), call: timesOf(callUs, 2 * readingUs) };
}

/** By the median. */
function quickest(rounds: readonly Times[]): Times {
  return rounds.reduce((best, round) => (round.p50Us < best.p50Us ? round : best));
}

function timesOf(us: Float64Array, readingUs: number): Times {
  return { p50Us: rounded(quantileOf(us, 0.5) - readingUs), p99Us: rounded(quantileOf(us, 0.99) - readingUs) };
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}

/** Bytes that `act` leaves on the heap. The median of many runs, because a collection in the middle of one makes it negative. */
function allocatedBy(act: () => void): number {
  const samples = Array.from({ length: HEAP_SAMPLES }, () => {
    const before = getHeapStatistics().used_heap_size;
    act();
    return getHeapStatistics().used_heap_size - before;
  });
  return median(samples);
}

function allocatedPerCall(workload: Workload): number {
  const bytes = allocatedBy(() => {
    for (let call = 0; call < CALLS_A_SAMPLE; call++) {
      workload.end();
      workload.begin();
    }
  });
  return Math.round(bytes / CALLS_A_SAMPLE);
}

/** The policy's choice among its candidates, without the lease and whatever else a call takes: what more picks add to one call. */
function allocatedPerPick(policy: Policy, endpoints: number): number {
  let morePicks = 0;
  const repeating: Policy = (env) => {
    const picker = policy(env);
    const pick = picker.pick.bind(picker);
    return Object.assign(picker, {
      pick(context: PickContext, nowMs: number) {
        for (let picks = 0; picks < morePicks; picks++) pick(context, nowMs);
        return pick(context, nowMs);
      },
    });
  };
  const workload = new Workload({ policy: repeating, endpoints, random: drawnBeforehand() });
  const act = () => {
    workload.end();
    workload.begin();
  };
  for (let call = 0; call < WARM_UP_CALLS; call++) act();
  const withOne = allocatedBy(act);
  morePicks = PICKS_A_SAMPLE;
  return Math.round((allocatedBy(act) - withOne) / PICKS_A_SAMPLE);
}

/** Chance that leaves nothing on the heap: `Math.random` makes an object of 16 bytes for each number that it returns. */
function drawnBeforehand(): () => number {
  // An array that holds anything else as well keeps its numbers as objects, which are then returned as they are.
  const drawn = [undefined, ...Array.from({ length: 4_096 }, Math.random)];
  let next = 0;
  return () => {
    next = (next % 4_096) + 1;
    return drawn[next] as number;
  };
}

const { policy, endpoints } = readOrder<PickerOrder>();
const workload = new Workload({ policy: policies[policy](), endpoints, random: Math.random });
for (let call = 0; call < WARM_UP_CALLS; call++) {
  workload.end();
  workload.begin();
}
tellParent<PickerFigures>({
  ...timeCalls(workload),
  bytes: { pick: allocatedPerPick(policies[policy](), endpoints), call: allocatedPerCall(workload) },
});
