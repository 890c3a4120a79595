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

/** Resolves too when it closes before: the caller looks. */
function drained(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const onDone = () => {
      stream.off("drain", onDone).off("close", onDone);
      resolve();
    };
    stream.on("drain", onDone).on("close", onDone);
  });
}
