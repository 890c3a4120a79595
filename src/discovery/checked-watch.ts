import { isObject } from "../is-object.ts";
import type { Notice } from "../notice.ts";
import { toError } from "../to-error.ts";
import { checkUpdate } from "./checked-update.ts";
import { unexpected } from "./endpoint-fields.ts";
import type { EndpointObserver, EndpointSource, EndpointUpdate, Watch } from "./endpoint-source.ts";

/**
 * Watches a source that a user may have written, and keeps what {@link EndpointSource} promises even if the source does not: the observer hears
 * nothing before `watch` returned or after `close`, an invalid update is refused as a whole, and what the source throws is told as an error.
 *
 * @throws ConfigurationError for a source that can't be watched, which says what it gave
 */
export class CheckedWatch implements Watch {
  readonly #observer: EndpointObserver;
  readonly #watch: Watch;
  #state: "starting" | "open" | "closed" = "starting";
  /** What the source did wrong since its last good update: it may do so again and again. */
  #refusal: string | undefined;

  constructor(source: EndpointSource, target: string, observer: EndpointObserver) {
    this.#observer = observer;
    try {
      const watch: unknown = source.watch(target, {
        onUpdate: (update) => this.#hear(() => this.#update(update)),
        onError: (error) => this.#hear(() => this.#observer.onError(toError(error))),
        onNotice: (notice) => this.#hear(() => this.#notice(notice)),
      });
      assertWatch(watch);
      this.#watch = watch;
      this.#state = "open";
    } finally {
      if (this.#state === "starting") this.#state = "closed";
    }
  }

  refresh(): void {
    if (this.#state === "open") this.#call("refresh");
  }

  close(): void {
    if (this.#state === "open") this.#call("close");
    this.#state = "closed";
  }

  #call(method: "refresh" | "close"): void {
    const onError = (error: unknown) => this.#hear(() => this.#refuse(`the source's ${method} failed: ${toError(error).message}`, error));
    try {
      const returned: unknown = this.#watch[method]();
      if (returned instanceof Promise) returned.catch(onError);
    } catch (error) {
      onError(error);
    }
  }

  #hear(tell: () => void): void {
    if (this.#state === "open") tell();
    else if (this.#state === "starting") queueMicrotask(() => this.#hear(tell));
  }

  #update(update: EndpointUpdate): void {
    let checked: EndpointUpdate;
    try {
      checked = checkUpdate(update);
    } catch (error) {
      return this.#refuse(`the source's update is refused: ${toError(error).message}`, error);
    }
    this.#refusal = undefined;
    this.#observer.onUpdate(checked);
  }

  #notice(notice: Notice): void {
    const { code, message: text } = (isObject(notice) ? notice : {}) as Partial<Notice>;
    if (typeof code === "string" && typeof text === "string") return this.#observer.onNotice?.(notice);
    const { message } = unexpected("notice", "an object with a code and a message", notice);
    this.#refuse(`the source's notice is refused: ${message}`, undefined);
  }

  #refuse(message: string, cause: unknown): void {
    if (message === this.#refusal) return;
    this.#refusal = message;
    this.#observer.onError(new Error(message, { cause }));
  }
}

function assertWatch(watch: unknown): asserts watch is Watch {
  const { refresh, close } = (watch ?? {}) as Partial<Watch>;
  if (typeof refresh === "function" && typeof close === "function") return;
  // What is under way should not go on unseen, nor end the process.
  if (watch instanceof Promise) watch.then((late?: Partial<Watch>) => late?.close?.()).catch(() => {});
  throw unexpected("source", "an object whose watch method returns at once an object with the methods refresh and close", watch);
}
