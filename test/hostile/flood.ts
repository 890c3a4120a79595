import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { encodeHeaders, type HeaderFields } from "../support/hpack.ts";
import { encodeFrame } from "../support/http2-frame.ts";

/** Frames of one kind, and how they are sent. */
export interface Flood {
  /** Sent once, before the frames. */
  readonly prelude?: (streamId: number) => Buffer;
  readonly frame: (streamId: number) => Buffer;
  /** The peer acknowledges each: a few hundred are sent, then their acknowledgements awaited, which keeps below the peer's limit of unsent ones. */
  readonly acknowledged?: true;
}

/** The headers of a call of `Update`, in JSON. */
export const updateRequest = encodeHeaders({
  ":method": "POST",
  ":scheme": "http",
  ":authority": "localhost",
  ":path": "/meshless.testing.v1.EchoService/Update",
  "content-type": "application/json",
});

/** Of small frames enough that 100 bytes kept of each would be seen in the heap, and of large ones no more than a test has time for. */
const maxFrames = 100_000;
const maxBytes = 30_000_000;
const framesPerWrite = 400;

/**
 * Pours out frames as fast as the peer takes them. Resolves with the bytes sent, once that is enough or the peer has closed the connection.
 *
 * @param nextFrame makes the next frame
 * @param acknowledged how many were acknowledged, for floods that wait for it
 */
export async function pour(socket: Socket, nextFrame: () => Buffer, acknowledged?: () => number): Promise<number> {
  let frames = 0;
  let bytes = 0;
  while (frames < maxFrames && bytes < maxBytes && !socket.destroyed) {
    const chunk = Buffer.concat(Array.from({ length: framesPerWrite }, nextFrame));
    frames += framesPerWrite;
    bytes += chunk.length;
    socket.write(chunk);
    while (!socket.destroyed && (socket.writableNeedDrain || (acknowledged?.() ?? frames) < frames)) await setImmediate();
  }
  return bytes;
}

export function frame(type: number, flags: number, streamId: number, ...payload: readonly Buffer[]): Buffer {
  return encodeFrame({ type, flags, streamId, payload: Buffer.concat(payload) });
}

export function headers(streamId: number, flags: number, fields: HeaderFields): Buffer {
  return frame(0x1, flags, streamId, encodeHeaders(fields));
}
