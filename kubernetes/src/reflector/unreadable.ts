/** What an apiserver sent can't be taken. It would be the same another time, unlike what a connection breaks off. */
export class Unreadable extends Error {
  /** Does what throws if it can't read. */
  static unless<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw new Unreadable(`what the apiserver sent can't be read: ${(error as Error).message}`, { cause: error });
    }
  }
}
