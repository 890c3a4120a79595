import type { Endpoint } from "../endpoint.ts";
import type { EndpointObserver, SourceNotice } from "./endpoint-source.ts";

/**
 * Stands between a source that looks again and again and its observer, and holds what every such source promises:
 * a look that fails leaves the last good set in force, an unchanged set is told again only after an error, a lasting error is told once,
 * and an observer that throws cannot stop the source: its exception surfaces as an uncaught one, as a timer's would.
 */
export class KeepLastGood {
  readonly #observer: EndpointObserver;
  #known: { readonly count: number; readonly fingerprint: string } | undefined;
  #trouble: string | undefined;
  #noticed = false;
  #closed = false;

  constructor(observer: EndpointObserver) {
    this.#observer = observer;
  }

  /** Takes the whole set that a look found. `shortfall` says what the look could not find out, if it was only partly good. */
  good(endpoints: readonly Endpoint[], shortfall?: Error): void {
    const fingerprint = JSON.stringify(endpoints);
    const endsTrouble = this.#trouble !== undefined && shortfall === undefined;
    if (endsTrouble || fingerprint !== this.#known?.fingerprint) {
      this.#known = { count: endpoints.length, fingerprint };
      this.#tell((observer) => observer.onUpdate({ endpoints }));
    }
    this.#troubled(shortfall);
  }

  /** Takes a look that found out nothing. */
  failed(error: Error): void {
    if (this.#known === undefined) return this.#troubled(error);
    const kept = `${error.message} (keeping the last good set of ${this.#known.count})`;
    this.#troubled(new Error(kept, { cause: error }));
  }

  notice(notice: SourceNotice): void {
    if (this.#noticed) return;
    this.#noticed = true;
    this.#tell((observer) => observer.onNotice?.(notice));
  }

  /** From here on the observer is not called. */
  close(): void {
    this.#closed = true;
  }

  #troubled(error: Error | undefined): void {
    const isNews = error !== undefined && error.message !== this.#trouble;
    this.#trouble = error?.message;
    if (isNews) this.#tell((observer) => observer.onError(error));
  }

  #tell(call: (observer: EndpointObserver) => void): void {
    if (this.#closed) return;
    try {
      call(this.#observer);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
