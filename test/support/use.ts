import { onTestFinished } from "vitest";

/** Disposes of a resource when the running test ends, the last one taken first. What fails there fails the test. */
export function use<T extends AsyncDisposable>(resource: T): T {
  onTestFinished(() => resource[Symbol.asyncDispose]());
  return resource;
}
