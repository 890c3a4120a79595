import type { Clock } from "../../clock.ts";
import { CheckedWatch } from "../../discovery/checked-watch.ts";
import type { EndpointObserver, EndpointSource, EndpointUpdate, Watch } from "../../discovery/endpoint-source.ts";
import { FollowingSignal } from "../../following-signal.ts";
import type { Bell } from "./bell.ts";
import { UnavailableError } from "./unavailable-error.ts";
import type { UpstreamSnapshot } from "./upstream-snapshot.ts";

export interface FeedOptions {
  /** As users wrote it, for errors. */
  readonly target: string;
  readonly source: EndpointSource;
  /** What the source is asked for. */
  readonly sourceName: string;
  /** How long a call waits for the first endpoints, in ms. */
  readonly endpointsTimeoutMs: number;
  readonly clock: Clock;
}

interface FeedObserver extends Omit<Required<EndpointObserver>, "onUpdate"> {
  /** Returns what is wrong with the update, if it is only partly of use. */
  onUpdate(update: EndpointUpdate): Error | undefined;
}

/** Follows a source, and lets calls wait for its first answer. Others only read its fields. */
export class EndpointFeed {
  state: UpstreamSnapshot["state"] = "waiting";
  /** The source's trouble since its last good answer. */
  lastError: Error | undefined;
  readonly #changed: Bell;
  readonly #watch: Watch;
  readonly #options: FeedOptions;

  /** @param changed rung once all have heard of an update, and at the close */
  constructor(options: FeedOptions, changed: Bell, observer: FeedObserver) {
    this.#options = options;
    this.#changed = changed;
    this.#watch = new CheckedWatch(options.source, options.sourceName, {
      onUpdate: (update) => {
        this.state = update.exists === false ? "noSuchService" : "open";
        const before = this.lastError?.message;
        this.lastError = observer.onUpdate(update);
        // It may be wrong again and again.
        if (this.lastError !== undefined && this.lastError.message !== before) observer.onError(this.lastError);
        changed.ring();
      },
      onError: (error) => {
        this.lastError = error;
        observer.onError(error);
      },
      onNotice: (notice) => observer.onNotice(notice),
    });
  }

  /** Calls fail: the endpoints may have moved. */
  refresh(): void {
    this.#watch.refresh();
  }

  close(): void {
    this.state = "closed";
    this.#watch.close();
    this.#changed.ring();
  }

  /** Waits for the first answer or the close, at most `endpointsTimeoutMs`; then throws an {@link UnavailableError} that says what it waited for. */
  async waitUntilKnown(signal: AbortSignal): Promise<void> {
    const { clock, endpointsTimeoutMs } = this.#options;
    const patience = new FollowingSignal();
    patience.follow(signal);
    const timer = clock.after(endpointsTimeoutMs, () => patience.abort(this.#tooLate()));
    try {
      while (this.state === "waiting") await this.#changed.wait(patience.signal);
    } finally {
      timer.cancel();
      patience.unfollow();
    }
  }

  #tooLate(): UnavailableError {
    const { target, endpointsTimeoutMs } = this.#options;
    const because = this.lastError?.message ?? "its source has not answered";
    return new UnavailableError(`no endpoints for ${target} within ${endpointsTimeoutMs} ms: ${because}`);
  }
}
