/** Resolves with the same messages once the first of them is here, or their end; rejects if they fail before. */
export async function fromFirstMessage<T>(messages: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const inner = messages[Symbol.asyncIterator]();
  let first: IteratorResult<T> | undefined = await inner.next();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const message = first ?? (await inner.next());
        first = undefined;
        return message;
      },
    }),
  };
}
