import type { Timer } from "../../clock.ts";
import type { Notice } from "../../notice.ts";
import { toError } from "../../to-error.ts";
import type { EndpointObserver, EndpointUpdate } from "../endpoint-source.ts";
import type { ServiceSnapshot } from "./snapshot-document.ts";
import { SnapshotFile, type SnapshotFileOptions } from "./snapshot-file.ts";
import type { XdsObserver } from "./xds-watch.ts";

/** How long a control plane may take to its first word, in ms, before the file is asked. One that can't be reached is not waited for. */
const patienceMs = 1_000;

export interface SnapshotObserverOptions extends Omit<SnapshotFileOptions, "onWriteFailed"> {
  readonly observer: EndpointObserver;
  /** The control plane, as messages name it. */
  readonly label: string;
}

/** Stands between a watch and its observer: keeps what the control plane says in a file, and says what the file has for as long as it has said nothing. */
export class SnapshotObserver implements XdsObserver {
  readonly #observer: EndpointObserver;
  readonly #file: SnapshotFile;
  readonly #patience: Timer;
  /** What is added to errors, while the file's endpoints are in use. */
  #stale = "";
  #state: "waiting" | "asked" | "live" | "closed" = "waiting";

  constructor({ observer, label, ...file }: SnapshotObserverOptions) {
    this.#observer = observer;
    this.#file = new SnapshotFile({ ...file, onWriteFailed: (error) => this.#tellUnusable("not written", error) });
    this.#patience = file.clock.after(patienceMs, () => void this.#ask(`within ${patienceMs} ms nothing came from ${label}`));
  }

  get standsIn(): boolean {
    return this.#stale !== "";
  }

  onUpdate(update: EndpointUpdate): void {
    this.#state = "live";
    this.#stale = "";
    this.#patience.cancel();
    this.#observer.onUpdate(update);
    const { endpoints = [] } = update;
    // Who reads it may run elsewhere.
    const { zone: _, ...config } = update.config ?? {};
    if (endpoints.length > 0) this.#file.save({ savedAtMs: Date.now(), endpoints, config });
  }

  onError(error: Error): void {
    this.#observer.onError(this.#stale === "" ? error : new Error(error.message + this.#stale, { cause: error }));
    if (this.#state === "waiting") void this.#ask(error.message);
  }

  close(): void {
    this.#state = "closed";
    this.#patience.cancel();
    this.#file.flush();
  }

  async #ask(trouble: string): Promise<void> {
    if (this.#state !== "waiting") return;
    this.#state = "asked";
    this.#patience.cancel();
    try {
      const snapshot = await this.#file.read();
      if (snapshot !== undefined && this.#isAsked()) this.#use(snapshot, trouble);
    } catch (error) {
      this.#tellUnusable("ignored", error);
    }
  }

  /** It may have changed while the file was read. */
  #isAsked(): boolean {
    return this.#state === "asked";
  }

  #use({ endpoints, config, savedAtMs }: ServiceSnapshot, trouble: string): void {
    this.#stale = `; the endpoints of ${new Date(savedAtMs).toISOString()} are in use, from the snapshot file ${this.#file.path}`;
    this.#observer.onUpdate({ endpoints, config, snapshotAgeMs: Math.max(0, Date.now() - savedAtMs) });
    this.#observer.onError(new Error(trouble + this.#stale));
  }

  #tellUnusable(what: "ignored" | "not written", error: unknown): void {
    const next = what === "ignored" ? "it is written anew once the control plane answers" : "is its directory there, and writable?";
    const message = `the snapshot file ${this.#file.path} is ${what}: ${toError(error).message}; ${next}`;
    const notice: Notice = { code: "snapshot-unusable", message };
    if (this.#state !== "closed") this.#observer.onNotice?.(notice);
  }
}
