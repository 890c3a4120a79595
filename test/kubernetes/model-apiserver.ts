import type { ApiserverClient, ApiserverRequest, ApiserverResponse } from "../../kubernetes/src/reflector/apiserver-client.ts";
import type { ManualClock } from "../../src/testing/manual-clock.ts";
import { ByteStream } from "./byte-stream.ts";
import { answer, event, failure, tooLargeVersion } from "./model-answers.ts";
import { type Change, type ModelObject, ModelStore } from "./model-store.ts";

/** What becomes of a request that is not answered as it should be. */
export type Fault = "refuse" | "hang" | "garbage" | { readonly status: number; readonly retryAfterMs?: number };

interface Watch {
  readonly path: string;
  readonly body: ByteStream;
  /** Nothing is told of what was before, even if it is yet to come. */
  readonly from: number;
  isStalled: boolean;
}

const bookmarkIntervalMs = 60_000;

/** For tests: an apiserver in memory, with the faults of one. It has the semantics of list and watch, and none of selectors. */
export class ModelApiserver implements ApiserverClient {
  readonly #clock: ManualClock;
  readonly #store: ModelStore;
  readonly #watches = new Set<Watch>();
  /** Requests that wait for it to go on. */
  readonly #waiting = new Set<() => void>();
  #state: "running" | "stopped" | "killed" = "running";
  /** The revision after which it has seen nothing, and what it has not seen. */
  #behind: { readonly revision: number; readonly unseen: Change[] } | undefined;
  /** Changes up to this revision are forgotten. */
  #forgotten = 0;
  /** Those of the next requests, in order; undefined for one that is answered as it should be. */
  readonly faults: (Fault | undefined)[] = [];
  /** Requests that were made, such as `watch 7`. */
  readonly asked: string[] = [];
  /** Whether it knows watches with all that there is. */
  hasWatchList = true;
  pageItems = 500;

  /** @param store what it has in common with other apiservers; without it there is no other */
  constructor(clock: ManualClock, store = new ModelStore()) {
    this.#clock = clock;
    this.#store = store;
    store.observers.push((change) => this.#happened(change));
  }

  objects(path: string): ReadonlyMap<string, ModelObject> {
    return this.#store.objects(path);
  }

  put(path: string, object: ModelObject): void {
    this.#store.put(path, object);
  }

  delete(path: string, uid: string): void {
    this.#store.delete(path, uid);
  }

  /** Forgets what happened; watches that start before now have to list. */
  compact(): void {
    this.#forgotten = this.#store.advance();
  }

  /** Goes back to a revision, as after a restore from a backup, with the objects as they are. */
  rewind(revision: number): void {
    this.#store.rewind(revision);
    this.#forgotten = revision;
  }

  /** Ends all streams: as agreed, or by an error. */
  end(error?: Error): void {
    for (const { body } of this.#watches) body.end(error);
    this.#watches.clear();
  }

  /** Cuts all streams in the midst of a line. */
  cut(): void {
    for (const { body } of this.#watches) body.push('{"type":"ADDED","object":{"metadata":{"uid":"ha');
    this.end(new Error("connection reset"));
  }

  /** Says nothing more on the streams there are. */
  stall(): void {
    for (const watch of this.#watches) watch.isStalled = true;
  }

  /** Sends a line as it is on all streams. */
  say(line: string): void {
    for (const { body } of this.#watches) body.push(`${line}\n`);
  }

  /** As by SIGKILL: streams are reset, requests refused. */
  kill(): void {
    this.#state = "killed";
    this.end(new Error("connection reset"));
    this.#answerWaiting();
  }

  /** As by SIGSTOP: streams stay and are silent, requests wait. */
  stop(): void {
    this.fallBehind();
    if (this.#state === "running") this.#state = "stopped";
  }

  /** Sees nothing of what happens from now on, and serves all the same. */
  fallBehind(): void {
    this.#behind ??= { revision: this.#store.revision, unseen: [] };
  }

  /** Catches up. One that was killed starts anew, and knows nothing of what happened before. */
  goOn(): void {
    if (this.#state === "killed") this.#forgotten = this.#store.revision;
    this.#state = "running";
    const unseen = this.#behind?.unseen ?? [];
    this.#behind = undefined;
    for (const change of unseen) this.#send(change);
    this.#answerWaiting();
  }

  async get({ path, query, signal }: ApiserverRequest): Promise<ApiserverResponse> {
    const body = new ByteStream(signal);
    const kind =
      query.watch === undefined ? "list" : query.sendInitialEvents === undefined ? `watch ${query.resourceVersion}` : "watchList";
    this.asked.push(kind);
    const fault = this.faults.shift();
    while (this.#state === "stopped") await this.#turn(signal);
    if (fault === "refuse" || this.#state === "killed") throw new Error("connection refused");
    if (fault === "hang") return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    if (fault === "garbage") return answer(body, 200, "<html>\n");
    if (fault !== undefined) return { ...failure(body, fault.status), retryAfterMs: fault.retryAfterMs };
    if (kind === "list") return this.#list(path, query.continue, body);
    if (kind === "watchList" && !this.hasWatchList) return failure(body, 422);
    // All that there is it has to have seen.
    if (kind === "watchList" && this.#store.revision > this.#seen) return tooLargeVersion(body);
    return this.#watch(path, query, body);
  }

  /** The revision up to which it knows what happened. */
  get #seen(): number {
    return this.#behind?.revision ?? this.#store.revision;
  }

  /** Of its store: that is always up to date. */
  #list(path: string, token: string | undefined, body: ByteStream): ApiserverResponse {
    const [revision, start] = (token ?? `${this.#store.revision} 0`).split(" ").map(Number) as [number, number];
    if (revision < this.#forgotten) return failure(body, 410);
    // What has changed since the first page is not taken back: a test that asks for that compacts.
    const items = [...this.objects(path).values()];
    const end = start + this.pageItems;
    const metadata = { resourceVersion: `${revision}`, ...(end < items.length && { continue: `${revision} ${end}` }) };
    return answer(body, 200, JSON.stringify({ metadata, items: items.slice(start, end) }));
  }

  #watch(path: string, query: Readonly<Record<string, string>>, body: ByteStream): ApiserverResponse {
    const from = Number(query.resourceVersion ?? 0);
    const bookmark = (annotations?: object) => {
      if (this.#seen >= from) body.push(event("BOOKMARK", { metadata: { resourceVersion: `${this.#seen}`, annotations } }));
    };
    if (query.resourceVersion === undefined) {
      for (const object of this.objects(path).values()) body.push(event("ADDED", object));
      bookmark({ "k8s.io/initial-events-end": "true" });
    } else if (from < this.#forgotten) {
      return answer(body, 200, event("ERROR", { code: 410, reason: "Expired" }));
    } else {
      for (const { revision, type, object } of this.#store.changes(path)) {
        if (revision > from && revision <= this.#seen) body.push(event(type, object));
      }
    }
    const watch: Watch = { path, body, from, isStalled: false };
    this.#watches.add(watch);
    this.#clock.after(Number(query.timeoutSeconds) * 1_000, () => watch.isStalled || this.#state === "stopped" || body.end());
    const remind = () => {
      if (body.isEnded || watch.isStalled) return;
      if (this.#state === "running") bookmark();
      this.#clock.after(bookmarkIntervalMs, remind);
    };
    this.#clock.after(bookmarkIntervalMs, remind);
    return { status: 200, retryAfterMs: undefined, body };
  }

  #happened(change: Change): void {
    if (this.#behind === undefined) this.#send(change);
    else this.#behind.unseen.push(change);
  }

  #send({ path, type, object, revision }: Change): void {
    for (const watch of this.#watches) {
      if (watch.path === path && revision > watch.from && !watch.isStalled) watch.body.push(event(type, object));
    }
  }

  /** Resolves once it is no longer as it was. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve);
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  }

  #answerWaiting(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
