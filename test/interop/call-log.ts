import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { Changes } from "../support/until.ts";

/** What interop servers saw, over all of them. */
export class CallLog {
  /** Calls that reached a handler. */
  begun = 0;
  /** Calls whose client cancelled them while a handler was at work. */
  cancelled = 0;
  readonly #changes = new Changes();

  begin({ signal }: HandlerContext): void {
    this.begun++;
    this.#changes.announce();
    signal.addEventListener("abort", () => {
      // The signal also tells that a call is over; a reset tells itself as one or the other, whichever Node.js notices first.
      if (![Code.Canceled, Code.Aborted].includes(ConnectError.from(signal.reason).code)) return;
      this.cancelled++;
      this.#changes.announce();
    });
  }

  /** Resolves once the condition holds; looked at whenever a call begins or is cancelled. */
  until(condition: () => boolean): Promise<void> {
    return this.#changes.until(condition);
  }
}
