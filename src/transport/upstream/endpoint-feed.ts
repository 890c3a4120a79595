import type { Clock } from "../../clock.ts";
import { CheckedWatch } from "../../discovery/checked-watch.ts";
import type { EndpointObserver, EndpointSource, EndpointUpdate, Watch } from "../../discovery/endpoint-source.ts";
import type { Notice } from "../../notice.ts";
import type { Bell } from "./bell.ts";
import { UnavailableError } from "./unavailable-error.ts";

export interface EndpointFeedOptions {
  readonly source: EndpointSource;
  /** What the source is asked for. */
  readonly name: string;
  /** The whole target, for errors. */
  readonly target: string;
  readonly clock: Clock;
  /** How long a call waits for the first endpoints, in ms. */
  readonly endpointsTimeoutMs: number;
  /** Rung once all have heard of an update, and at the close. */
  readonly changed: Bell;
  readonly onUpdate: (update: EndpointUpdate) => void;
  readonly onError: (error: Error) => void;
  readonly onNotice: (notice: Notice) => void;
}

/** Follows a source, and lets calls wait for its first answer. */
export class EndpointFeed {
  #exists: boolean | undefined;
  #lastError: Error | undefined;
  #closed = false;
  readonly #watch: Watch;
  readonly #options: EndpointFeedOptions;

  constructor(options: EndpointFeedOptions) {
    this.#options = options;
    const observer: EndpointObserver = {
      onUpdate: (update) => {
        this.#exists = update.exists;
        this.#lastError = undefined;
        options.onUpdate(update);
        options.changed.ring();
      },
      onError: (error) => {
        this.#lastError = error;
        options.onError(error);
      },
      onNotice: (notice) => options.onNotice(notice),
    };
    this.#watch = new CheckedWatch(options.source, options.name, observer);
  }

  /** Whether a first answer has come. */
  get known(): boolean {
    return this.#exists !== undefined;
  }
  /** False when the source knows that there is no such service. */
  get exists(): boolean {
    return this.#exists ?? true;
  }
  get isClosed(): boolean {
    return this.#closed;
  }
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Calls fail: the endpoints may have moved. */
  refresh(): void {
    this.#watch.refresh();
  }

  close(): void {
    this.#closed = true;
    this.#watch.close();
    this.#options.changed.ring();
  }

  /** Waits for the first answer or the close, at most `endpointsTimeoutMs`; then throws an {@link UnavailableError} that says what it waited for. */
  async waitUntilKnown(signal: AbortSignal): Promise<void> {
    const { clock, endpointsTimeoutMs, changed } = this.#options;
    const patience = new AbortController();
    const timer = clock.after(endpointsTimeoutMs, () => patience.abort(this.#tooLate()));
    const onAbort = () => patience.abort(signal.reason);
    signal.addEventListener("abort", onAbort);
    try {
      if (signal.aborted) throw signal.reason;
      while (!this.known && !this.#closed) await changed.wait(patience.signal);
    } finally {
      timer.cancel();
      signal.removeEventListener("abort", onAbort);
    }
  }

  #tooLate(): UnavailableError {
    const { target, endpointsTimeoutMs } = this.#options;
    const because = this.#lastError === undefined ? "its source has not answered" : this.#lastError.message;
    return new UnavailableError(`no endpoints for ${target} within ${endpointsTimeoutMs} ms: ${because}`);
  }
}
