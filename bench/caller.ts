import { onParentMessage, readOrder, tellParent } from "../demo/parent.ts";
import { type Contender, contenders, TEXT } from "./contenders.ts";

export interface CallerOrder {
  readonly contender: Contender;
  readonly ports: readonly number[];
  readonly concurrency: number;
}

/** What a caller is told: to make this many calls. */
export interface RoundOrder {
  readonly calls: number;
}

/** What one round took of this process's CPU, user and system. */
export interface RoundReport {
  readonly cpuUsPerCall: number;
}

const { contender, ports, concurrency } = readOrder<CallerOrder>();
const call = contenders[contender](ports);

async function makeCalls(calls: number): Promise<void> {
  let left = calls;
  async function oneAfterTheOther(): Promise<void> {
    while (left-- > 0) {
      const text = await call();
      if (text !== TEXT) throw new Error(`${contender} got ${JSON.stringify(text)} for an answer`);
    }
  }
  await Promise.all(Array.from({ length: concurrency }, oneAfterTheOther));
}

onParentMessage<RoundOrder>(async ({ calls }) => {
  const before = process.cpuUsage();
  await makeCalls(calls);
  const { user, system } = process.cpuUsage(before);
  tellParent<RoundReport>({ cpuUsPerCall: (user + system) / calls });
});
