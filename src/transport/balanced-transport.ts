import type { Transport } from "@connectrpc/connect";
import { assertOptions, durationMs, such } from "../check-options.ts";
import type { RetryBudgetSnapshot } from "../retry-options.ts";
import type { SettingsInForce } from "../service-config.ts";
import { asConnectError } from "./calls/call-loop.ts";
import type { CallObserver } from "./calls/call-observer.ts";
import type { CallObservers } from "./calls/call-observers.ts";
import type { TransportEvent } from "./events/event-catalogue.ts";
import type { EventHub } from "./events/event-hub.ts";
import type { Upstream } from "./upstream/upstream.ts";
import type { UpstreamSnapshot } from "./upstream/upstream-snapshot.ts";

/** A Connect `Transport` that chooses an endpoint for every call. */
export interface BalancedTransport extends Transport, AsyncDisposable {
  /**
   * Resolves when calls could go out, and be spread: the endpoints are known, one of them has a session, and the first sessions of the others (of the first 1,000)
   * stand, have failed, or have been waited for 250 ms longer. Waits as long as the first one takes; give a signal for a limit. Rejects with the signal's reason, or
   * `unavailable` once closed.
   */
  ready(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Each endpoint, its standing, and why it is or is not eligible. A plain snapshot, safe to log as JSON. */
  inspect(): TransportSnapshot;
  /** What happens to endpoints and sessions, from now on. Also published on `diagnostics_channel` as `meshless:*:*`. */
  events(): AsyncIterableIterator<TransportEvent, undefined>;
  /**
   * Tells an observer of the calls that begin from now on, beside the `observer` of the options, until what is returned is disposed of. The same one may be
   * added twice, and hears of each call twice then.
   */
  observe(observer: CallObserver): Disposable;
  /** Takes no more calls, lets those in flight end for `graceMs` (default 30 000), then cuts the rest. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** What `inspect()` tells of a transport: plain data, safe to log as JSON. */
export interface TransportSnapshot extends Omit<UpstreamSnapshot, "settings">, CallsSnapshot {
  /** The settings in force, and who set them: code, discovery, or nobody. */
  readonly settings: SettingsInForce;
  readonly target: string;
  /** `:authority` of the calls; undefined when it is the dialled address. */
  readonly authority: string | undefined;
  /** The zone that this client is in, if it is known. */
  readonly zone: string | undefined;
}

/** What is known of calls, wherever they went. */
export interface CallsSnapshot {
  /** How many of the calls were made again after a server may have acted on them. */
  readonly retryBudget: RetryBudgetSnapshot;
}

interface TransportParts {
  readonly inspect: () => TransportSnapshot;
  readonly upstream: Upstream;
  readonly calls: Transport;
  readonly observers: CallObservers;
  readonly hub: EventHub;
}

const checkSignal = such<AbortSignal>("an AbortSignal", (value) => value instanceof AbortSignal);

/** What users hold: finished parts, in one. */
export function pooledTransport({ inspect, upstream, calls, observers, hub }: TransportParts): BalancedTransport {
  return {
    unary: calls.unary,
    stream: calls.stream,
    async ready(options = {}) {
      const { signal = new AbortController().signal } = assertOptions("ready", options, { signal: checkSignal });
      await upstream.ready(signal).catch((error) => Promise.reject(asConnectError(error)));
    },
    inspect,
    events: () => hub.events(),
    observe: observers.observe,
    async close(options = {}) {
      const { graceMs = 30_000 } = assertOptions("close", options, { graceMs: durationMs });
      await upstream.close(graceMs);
      hub.close();
    },
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };
}
