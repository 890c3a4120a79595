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
