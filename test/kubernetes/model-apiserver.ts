import type { ApiserverClient, ApiserverRequest, ApiserverResponse } from "../../kubernetes/src/reflector/apiserver-client.ts";
import type { ManualClock } from "../../src/testing/manual-clock.ts";
import { ByteStream } from "./byte-stream.ts";

/** What becomes of a request that is not answered as it should be. */
export type Fault = "refuse" | "hang" | "garbage" | { readonly status: number; readonly retryAfterMs?: number };

export interface ModelObject {
  readonly metadata: { readonly uid: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

interface Change {
  readonly revision: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: object;
}

interface Collection {
  readonly objects: Map<string, ModelObject>;
  readonly changes: Change[];
}

interface Watch {
  readonly path: string;
  readonly body: ByteStream;
  isStalled: boolean;
}

const bookmarkIntervalMs = 60_000;

/** For tests: an apiserver in memory, with the faults of one. It has the semantics of list and watch, and none of selectors. */
export class ModelApiserver implements ApiserverClient {
  readonly #clock: ManualClock;
  readonly #collections = new Map<string, Collection>();
  readonly #watches = new Set<Watch>();
  #revision = 1;
  /** Changes up to this revision are forgotten. */
  #compacted = 0;
  /** Those of the next requests, in order; undefined for one that is answered as it should be. */
  readonly faults: (Fault | undefined)[] = [];
  /** Requests that were made, such as `watch 7`. */
  readonly asked: string[] = [];
  /** Whether it knows watches with all that there is. */
  hasWatchList = true;
  pageItems = 500;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  objects(path: string): ReadonlyMap<string, ModelObject> {
    return this.#collection(path).objects;
  }

  put(path: string, object: ModelObject): void {
    const { objects } = this.#collection(path);
    const revision = ++this.#revision;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: `${revision}` } };
    this.#changed(path, { revision, type: objects.has(object.metadata.uid) ? "MODIFIED" : "ADDED", object: stored });
    objects.set(object.metadata.uid, stored);
  }

  delete(path: string, uid: string): void {
    const object = this.#collection(path).objects.get(uid);
    if (object === undefined) return;
    const revision = ++this.#revision;
    this.#collection(path).objects.delete(uid);
    this.#changed(path, {
      revision,
      type: "DELETED",
      object: { ...object, metadata: { ...object.metadata, resourceVersion: `${revision}` } },
    });
  }

  /** Forgets what happened; watches that start before now have to list. */
  compact(): void {
    this.#compacted = ++this.#revision;
  }

  /** Goes back to a revision, as after a restore from a backup, with the objects as they are. */
  rewind(revision: number): void {
    this.#revision = revision;
    this.#compacted = revision;
    for (const { changes } of this.#collections.values()) changes.length = 0;
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

  async get({ path, query, signal }: ApiserverRequest): Promise<ApiserverResponse> {
    const body = new ByteStream(signal);
    const kind =
      query.watch === undefined ? "list" : query.sendInitialEvents === undefined ? `watch ${query.resourceVersion}` : "watchList";
    this.asked.push(kind);
    const fault = this.faults.shift();
    if (fault === "refuse") throw new Error("connection refused");
    if (fault === "hang") return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    if (fault === "garbage") return answer(body, 200, "<html>\n");
    if (fault !== undefined) return { ...failure(body, fault.status), retryAfterMs: fault.retryAfterMs };
    if (kind === "list") return this.#list(path, query.continue, body);
    if (kind === "watchList" && !this.hasWatchList) return failure(body, 422);
    return this.#watch(path, query, body);
  }

  #list(path: string, token: string | undefined, body: ByteStream): ApiserverResponse {
    const [revision, start] = (token ?? `${this.#revision} 0`).split(" ").map(Number) as [number, number];
    if (revision < this.#compacted) return failure(body, 410);
    // What has changed since the first page is not taken back: a test that asks for that compacts.
    const items = [...this.#collection(path).objects.values()];
    const end = start + this.pageItems;
    const metadata = { resourceVersion: `${revision}`, ...(end < items.length && { continue: `${revision} ${end}` }) };
    return answer(body, 200, JSON.stringify({ metadata, items: items.slice(start, end) }));
  }

  #watch(path: string, query: Readonly<Record<string, string>>, body: ByteStream): ApiserverResponse {
    const { objects, changes } = this.#collection(path);
    const send = (type: string, object: object) => body.push(`${JSON.stringify({ type, object })}\n`);
    const bookmark = (annotations?: object) => send("BOOKMARK", { metadata: { resourceVersion: `${this.#revision}`, annotations } });
    if (query.resourceVersion === undefined) {
      for (const object of objects.values()) send("ADDED", object);
      bookmark({ "k8s.io/initial-events-end": "true" });
    } else if (Number(query.resourceVersion) < this.#compacted) {
      return answer(body, 200, `${JSON.stringify({ type: "ERROR", object: { code: 410, reason: "Expired" } })}\n`);
    } else {
      for (const { revision, type, object } of changes) if (revision > Number(query.resourceVersion)) send(type, object);
    }
    const watch: Watch = { path, body, isStalled: false };
    this.#watches.add(watch);
    this.#clock.after(Number(query.timeoutSeconds) * 1_000, () => watch.isStalled || body.end());
    const remind = () => {
      if (body.isEnded || watch.isStalled) return;
      bookmark();
      this.#clock.after(bookmarkIntervalMs, remind);
    };
    this.#clock.after(bookmarkIntervalMs, remind);
    return { status: 200, retryAfterMs: undefined, body };
  }

  #changed(path: string, change: Change): void {
    this.#collection(path).changes.push(change);
    for (const watch of this.#watches) {
      if (watch.path === path && !watch.isStalled) watch.body.push(`${JSON.stringify({ type: change.type, object: change.object })}\n`);
    }
  }

  #collection(path: string): Collection {
    const collection = this.#collections.get(path) ?? { objects: new Map(), changes: [] };
    this.#collections.set(path, collection);
    return collection;
  }
}

function answer(body: ByteStream, status: number, text: string): ApiserverResponse {
  body.push(text);
  body.end();
  return { status, retryAfterMs: undefined, body };
}

function failure(body: ByteStream, status: number): ApiserverResponse {
  return answer(body, status, JSON.stringify({ kind: "Status", code: status, reason: "Model", message: `it is a ${status}` }));
}
