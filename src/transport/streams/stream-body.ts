/** A body that is known as a whole, or the part that has to be streamed. */
export type Body =
  | { readonly kind: "none" }
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "streamed"; readonly chunks: AsyncIterator<Uint8Array> };

/** Reads the body of a method with a single request message. */
export async function readSingle(chunks: AsyncIterator<Uint8Array>): Promise<Body> {
  const first = await chunks.next();
  if (first.done === true) return { kind: "none" };
  const second = await chunks.next();
  if (second.done === true) return { kind: "whole", bytes: first.value };
  return { kind: "streamed", chunks: chain([first.value, second.value], chunks) };
}

async function* chain(head: Uint8Array[], tail: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* head;
  for (let chunk = await tail.next(); chunk.done !== true; chunk = await tail.next()) yield chunk.value;
}
