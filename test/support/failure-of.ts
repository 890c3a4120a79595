import { ConnectError } from "@connectrpc/connect";

/** The error with which a call fails. A call that succeeds, or fails with anything but a ConnectError, fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ConnectError) return error;
    throw error;
  }
  throw new Error("expected the call to fail, but it succeeded");
}
