import { onParentMessage, readOrder, tellParent } from "../../demo/parent.ts";
import { type StreamContender, streamContenders } from "./contenders.ts";
import type { StreamWire } from "./stream-wire.ts";

export interface StreamCallerOrder extends StreamWire {
  readonly contender: StreamContender;
}

/** What a caller is told: to make so many streams at once, each of so many messages. */
export interface StreamRoundOrder {
  readonly streams: number;
  readonly messages: number;
}

/** Of one round. */
export interface StreamRoundReport {
  /** This process's CPU a message, user and system. */
  readonly cpuUs: number;
}

const { contender, ...wire } = readOrder<StreamCallerOrder>();
const makeStream = streamContenders[contender](wire);

onParentMessage<StreamRoundOrder>(async ({ streams, messages }) => {
  const before = process.cpuUsage();
  const counts = await Promise.all(Array.from({ length: streams }, () => makeStream(messages)));
  const { user, system } = process.cpuUsage(before);
  if (counts.some((count) => count !== messages)) throw new Error(`${contender} had streams of ${counts} messages rather than ${messages}`);
  tellParent<StreamRoundReport>({ cpuUs: (user + system) / (streams * messages) });
});
