import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { CLIENT_PREFACE, createFrameReader, Flag, FrameType } from "../support/http2-frame.ts";
import type { AttackReport } from "./attack.ts";
import { type ClientFlood, clientFloods } from "./client-floods.ts";
import { type Flood, frame, pour } from "./flood.ts";

// A process of its own: floods the server on the given port until it is closed or all is sent.

const flood: Flood = clientFloods[process.argv[2] as ClientFlood];
const socket = connect(Number(process.argv[3]), "127.0.0.1");
const lastPing = Buffer.from("the last");
let acknowledged = 0;
let streamId = -1;
let isTaken = false;

// Keeps the process until it is killed: what it says last would be lost with it.
process.on("message", () => {});
socket.on("error", () => {});
const read = createFrameReader(({ type, flags, payload }) => {
  if ((flags & Flag.ack) === 0) return;
  if (type === FrameType.ping || type === FrameType.settings) acknowledged++;
  if (type === FrameType.ping && payload.equals(lastPing)) isTaken = true;
});
socket.on("data", read);

function nextStreamId(): number {
  streamId += 2;
  return streamId;
}

/** Resolves once the server has read all that was sent, or closed the connection. */
async function taken(): Promise<void> {
  socket.write(frame(FrameType.ping, Flag.none, 0, lastPing));
  while (!socket.destroyed && !isTaken) await setImmediate();
}

function report(message: AttackReport): void {
  process.send?.(message);
}

await once(socket, "connect");
socket.write(Buffer.concat([CLIENT_PREFACE, frame(FrameType.settings, Flag.none, 0)]));
while (acknowledged === 0) await setImmediate();
acknowledged = 0;
if (flood.prelude !== undefined) socket.write(flood.prelude(nextStreamId()));
report({});
const bytes = await pour(socket, () => flood.frame(nextStreamId()), flood.acknowledged && (() => acknowledged));
await taken();
report({ bytes, closed: socket.destroyed });
socket.destroy();
