/** Resolves with the same messages once the first of them is here, or their end; rejects if they fail before. */
export async function fromFirstMessage<T>(messages: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const inner = messages[Symbol.asyncIterator]();
  let first: IteratorResult<T> | undefined = await inner.next();
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        if (first === undefined) return inner.next();
        const message = Promise.resolve(first);
        first = undefined;
        return message;
      },
    }),
  };
}
