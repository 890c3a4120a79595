import { once } from "node:events";
import type { ClientHttp2Stream } from "node:http2";

/**
 * Sends a body at the peer's pace. Resolves when all is handed over or the stream is gone; rejects if the body itself fails.
 *
 * @param onSent so many bytes more went out, but for what Node.js buffers (16 KiB)
 */
export async function sendBody(body: AsyncIterator<Uint8Array>, stream: ClientHttp2Stream, onSent: (bytes: number) => void): Promise<void> {
  for (;;) {
    const chunk = await body.next();
    if (stream.closed || stream.destroyed) return;
    if (chunk.done === true) {
      stream.end();
      return;
    }
    if (!stream.write(chunk.value)) await drained(stream);
    if (stream.closed || stream.destroyed) return;
    onSent(chunk.value.length);
  }
}

async function drained(stream: ClientHttp2Stream): Promise<void> {
  const closed = new AbortController();
  const onClose = () => closed.abort();
  stream.once("close", onClose);
  try {
    await once(stream, "drain", { signal: closed.signal });
  } catch {
    // Closed before it drained: the caller looks.
  } finally {
    stream.off("close", onClose);
  }
}

/** A body that is known as a whole, or the part that has to be streamed. */
export type Body =
  | { readonly kind: "none" }
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "streamed"; readonly chunks: AsyncIterator<Uint8Array> };

/**
 * Reads the body of a method with a single request message.
 *
 * @param isWhole for unary calls, whether the first chunk is the whole message: to ask for a second one costs a turn of every stage behind it
 */
export async function readSingle(chunks: AsyncIterator<Uint8Array>, isWhole?: (chunk: Uint8Array) => boolean): Promise<Body> {
  const first = await chunks.next();
  if (first.done === true) return { kind: "none" };
  if (isWhole?.(first.value)) return { kind: "whole", bytes: first.value };
  const second = await chunks.next();
  if (second.done === true) return { kind: "whole", bytes: first.value };
  return { kind: "streamed", chunks: chain([first.value, second.value], chunks) };
}

export function isAnything(): boolean {
  return true;
}

/** One message of gRPC, gRPC-Web or a Connect stream: a flag, the length in four bytes, the message. */
export function isOneEnvelope(chunk: Uint8Array): boolean {
  return chunk.length >= 5 && chunk.length - 5 === new DataView(chunk.buffer, chunk.byteOffset, 5).getUint32(1);
}

async function* chain(head: Uint8Array[], tail: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* head;
  for (let chunk = await tail.next(); chunk.done !== true; chunk = await tail.next()) yield chunk.value;
}
