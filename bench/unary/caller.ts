import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import { quantileOf } from "../statistics.ts";
import { AllocationMeter } from "./allocation-meter.ts";
import { type Contender, contenders } from "./contenders.ts";
import type { Wire } from "./wire.ts";

export interface CallerOrder extends Wire {
  readonly contender: Contender;
}

/** What a caller is told: to make this many calls, so many at a time. */
export interface RoundOrder {
  readonly calls: number;
  readonly concurrency: number;
}

/** Of one round. */
export interface RoundReport {
  /** This process's CPU, user and system. */
  readonly cpuUs: number;
  /** What a call leaves on the heap. */
  readonly bytes: number;
  /** How long a call takes. */
  readonly p50Us: number;
  readonly p99Us: number;
}

const { contender, ...wire } = readOrder<CallerOrder>();
const call = contenders[contender](wire);

async function timeCalls(calls: number, concurrency: number): Promise<Float64Array> {
  const us = new Float64Array(calls);
  let made = 0;
  async function oneAfterTheOther(): Promise<void> {
    while (made < calls) {
      const index = made++;
      const startMs = performance.now();
      const text = await call();
      us[index] = (performance.now() - startMs) * 1_000;
      if (text !== wire.text) throw new Error(`${contender} got ${JSON.stringify(text.slice(0, 100))} for an answer`);
    }
  }
  await Promise.all(Array.from({ length: concurrency }, oneAfterTheOther));
  return us;
}

onParentMessage<RoundOrder>(async ({ calls, concurrency }) => {
  const meter = new AllocationMeter();
  const before = process.cpuUsage();
  const us = await timeCalls(calls, concurrency);
  const { user, system } = process.cpuUsage(before);
  const bytes = meter.stop() / calls;
  tellParent<RoundReport>({ cpuUs: (user + system) / calls, bytes, p50Us: quantileOf(us, 0.5), p99Us: quantileOf(us, 0.99) });
});
