/** All that a stream yields, in order. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

/** A request stream of these messages. */
export async function* sending<T>(...messages: readonly T[]): AsyncGenerator<T> {
  yield* messages;
}
