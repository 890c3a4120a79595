/**
 * The same messages; `onOver` hears how they came to an end for their reader: regularly, or with an error.
 *
 * One that stops early tells nothing here: that is seen on the stream.
 */
export function watchedMessages<T>(messages: AsyncIterable<T>, onOver: (error: unknown) => void): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const inner = messages[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const message = await inner.next();
            if (message.done === true) onOver(undefined);
            return message;
          } catch (error) {
            onOver(error);
            throw error;
          }
        },
      };
    },
  };
}
