import { Child } from "../../demo/child.ts";
import { median } from "../statistics.ts";
import { type StreamContender, streamContenders } from "./contenders.ts";
import type { StreamCallerOrder, StreamRoundOrder, StreamRoundReport } from "./stream-caller.ts";
import type { StreamWire } from "./stream-wire.ts";
import type { StreamerListening } from "./streamer.ts";

/** Client CPU a message, in µs, by contender. */
export type StreamFigures = Readonly<Record<StreamContender, number>>;

interface StreamCell extends Omit<StreamWire, "port">, StreamRoundOrder {}

const cells: readonly StreamCell[] = (["down", "up"] as const).flatMap((direction) => [
  { direction, bytes: 64, streams: 1, messages: 5_000 },
  { direction, bytes: 64, streams: 100, messages: 50 },
  { direction, bytes: 16_384, streams: 1, messages: 500 },
  { direction, bytes: 16_384, streams: 100, messages: 10 },
]);

const ROUNDS = 16;
/** Enough for the compiler to have settled. */
const WARM_UP_ROUNDS = 5;

/** By what the streams are like. Rounds of all contenders take turns, so that a noisy neighbour hits all of them, and the median round counts. */
export async function measureStreams(progress: (text: string) => void): Promise<Record<string, StreamFigures>> {
  const figures: Record<string, StreamFigures> = {};
  for (const cell of cells) {
    const name = `${cell.bytes} bytes ${cell.direction}, streams of ${cell.messages}, ${cell.streams} at once`;
    progress(`streams: ${name}`);
    figures[name] = await measureCell(cell);
  }
  return figures;
}

async function measureCell({ streams, messages, ...wire }: StreamCell): Promise<StreamFigures> {
  const streamer = new Child("streamer", new URL("./streamer.ts", import.meta.url), {});
  const { port } = await streamer.nextMessage<StreamerListening>();
  const callers = (Object.keys(streamContenders) as StreamContender[]).map((contender) => {
    const order: StreamCallerOrder = { contender, port, ...wire };
    return { contender, child: new Child(contender, new URL("./stream-caller.ts", import.meta.url), order), cpuUs: [] as number[] };
  });
  for (let round = 1; round <= WARM_UP_ROUNDS + ROUNDS; round++) {
    for (const { child, cpuUs } of callers) {
      child.send<StreamRoundOrder>({ streams, messages });
      const report = await child.nextMessage<StreamRoundReport>();
      if (round > WARM_UP_ROUNDS) cpuUs.push(report.cpuUs);
    }
  }
  await Promise.all([streamer, ...callers.map(({ child }) => child)].map((child) => child.kill()));
  return Object.fromEntries(callers.map(({ contender, cpuUs }) => [contender, Number(median(cpuUs).toFixed(2))])) as StreamFigures;
}
