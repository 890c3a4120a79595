import { Code, ConnectError } from "@connectrpc/connect";
import { type Context, context } from "@opentelemetry/api";

export function callerLeft(): ConnectError {
  return new ConnectError("the caller left", Code.Canceled);
}

/**
 * The same messages, made within a context: a generator runs where it is asked for its next value, and that is in no span.
 *
 * @param onOver hears how they came to an end: regularly, given up by their reader, or with an error
 */
export function inContext<T>(messages: AsyncIterable<T>, where: Context, onOver: (error: unknown) => void): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const inner = messages[Symbol.asyncIterator]();
      const run = async (step: () => Promise<IteratorResult<T>>, end?: ConnectError): Promise<IteratorResult<T>> => {
        try {
          const result = await context.with(where, step);
          if (result.done === true) onOver(end);
          return result;
        } catch (error) {
          onOver(error);
          throw error;
        }
      };
      const { return: stop, throw: interrupt } = inner;
      return {
        next: () => run(() => inner.next()),
        ...(stop && { return: (value?: unknown) => run(() => stop.call(inner, value), callerLeft()) }),
        ...(interrupt && { throw: (error?: unknown) => run(() => interrupt.call(inner, error)) }),
      };
    },
  };
}
