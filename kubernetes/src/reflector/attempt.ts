import type { Clock } from "meshless/discovery";
import { readFailure } from "./api-failure.ts";
import type { ApiserverClient, ApiserverResponse } from "./apiserver-client.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import { lines, wholeText } from "./lines.ts";
import { type ListPage, readListPage } from "./list-page.ts";
import type { Outcome, Step } from "./outcome.ts";
import type { ReflectorTiming } from "./reflector-timing.ts";
import { isOlder } from "./resource-version.ts";
import { Unreadable } from "./unreadable.ts";
import { decodeWatchEvent } from "./watch-event.ts";
import { Watchdog } from "./watchdog.ts";

export interface AttemptOptions {
  readonly client: ApiserverClient;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly metadataOnly: boolean;
  readonly step: Step;
  readonly renewsCredentials: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: ReflectorTiming;
  readonly closing: AbortSignal;
  /** These are all objects, as of that version. */
  readonly all: (objects: Iterable<KubernetesObject>, version: string) => void;
  readonly changed: (object: KubernetesObject) => void;
  readonly deleted: (object: KubernetesObject) => void;
  /** Nothing else has happened up to that version. */
  readonly reached: (version: string) => void;
  /** A watch has worked for a while. */
  readonly proven: () => void;
}

const pageItems = 500;
const maxPageBytes = 256 * 1024 * 1024;
/** What etcd takes is 1.5 MiB, which is longer as JSON. */
const maxLineBytes = 16 * 1024 * 1024;
const maxFailureBytes = 64 * 1024;

/** One step of a reflector, at the apiserver. */
export class Attempt {
  readonly #options: AttemptOptions;
  readonly #watchdog: Watchdog;
  readonly #signal: AbortSignal;
  /** Whether it is a watch that has worked for a while. */
  isProven = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#watchdog = new Watchdog(options.clock);
    this.#signal = AbortSignal.any([this.#watchdog.signal, options.closing]);
  }

  /** Never rejects. */
  async make(): Promise<Outcome> {
    const { step } = this.#options;
    try {
      return step.kind === "list" ? await this.#list() : await this.#stream(step);
    } catch (error) {
      if (this.#watchdog.hasBitten) return { kind: "silent" };
      return { kind: error instanceof Unreadable ? "malformed" : "broken", message: (error as Error).message };
    } finally {
      this.#watchdog.stop();
    }
  }

  async #list(): Promise<Outcome> {
    const objects = new Map<string, KubernetesObject>();
    let page: ListPage | undefined;
    do {
      const more = page?.next === undefined ? {} : { continue: page.next };
      // Without a version it is as new as can be: an older one would take back what has been told.
      const response = await this.#get({ limit: `${pageItems}`, ...more }, "PartialObjectMetadataList");
      if (response.status !== 200) return refused(response);
      const text = await wholeText(this.#watchdog.listen(response.body), maxPageBytes);
      page = Unreadable.unless(() => readListPage(text));
      for (const object of page.items) objects.set(object.metadata.uid, object);
    } while (page.next !== undefined);
    this.#signal.throwIfAborted();
    this.#options.all(objects.values(), page.version);
    return { kind: "listed" };
  }

  async #stream(step: Exclude<Step, { kind: "list" }>): Promise<Outcome> {
    const response = await this.#get(this.#watchQuery(step), "PartialObjectMetadata");
    if (response.status !== 200) return refused(response);
    const stream = lines(this.#watchdog.listen(response.body), maxLineBytes);
    if (step.kind === "watch") return this.#watch(stream, step.version);
    const synced = await this.#initialEvents(stream);
    return typeof synced === "string" ? this.#watch(stream, synced) : synced;
  }

  /** @returns the version of all that there is, if it came to its end */
  async #initialEvents(stream: AsyncGenerator<string>): Promise<string | Outcome> {
    const objects = new Map<string, KubernetesObject>();
    for (let line = await stream.next(); !line.done; line = await stream.next()) {
      const event = this.#decoded(line.value);
      if (event.kind === "error") return { kind: "refused", failure: event.failure };
      if (event.kind === "changed") objects.set(event.object.metadata.uid, event.object);
      if (event.kind === "deleted") objects.delete(event.object.metadata.uid);
      if (event.kind !== "bookmark" || !event.endsInitialEvents) continue;
      this.#options.all(objects.values(), event.version);
      return event.version;
    }
    return { kind: "ended" };
  }

  async #watch(stream: AsyncGenerator<string>, version: string): Promise<Outcome> {
    const { clock, timing, changed, deleted, reached } = this.#options;
    this.#watchdog.bear(timing.silenceTimeoutMs);
    const proof = clock.after(timing.provenAfterMs, () => this.#prove());
    try {
      let last = version;
      for await (const line of stream) {
        const event = this.#decoded(line);
        if (event.kind === "error") return { kind: "refused", failure: event.failure };
        const next = event.kind === "bookmark" ? event.version : event.object.metadata.resourceVersion;
        if (isOlder(next, last)) return { kind: "wentBack", message: `version ${next} came after ${last}` };
        last = next;
        if (event.kind === "bookmark") reached(next);
        else if (event.kind === "changed") changed(event.object);
        else deleted(event.object);
      }
      return { kind: "ended" };
    } finally {
      proof.cancel();
    }
  }

  #prove(): void {
    this.isProven = true;
    this.#options.proven();
  }

  #decoded(line: string) {
    this.#signal.throwIfAborted();
    return Unreadable.unless(() => decodeWatchEvent(line));
  }

  #watchQuery(step: Exclude<Step, { kind: "list" }>): Readonly<Record<string, string>> {
    const { timing, random } = this.#options;
    const seconds = Math.ceil((timing.watchMs * (1 + random())) / 1_000);
    const query = { watch: "1", allowWatchBookmarks: "true", timeoutSeconds: `${seconds}` };
    if (step.kind === "watch") return { ...query, resourceVersion: step.version };
    return { ...query, sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" };
  }

  /** @param form in which objects come without anything but their metadata */
  #get(query: Readonly<Record<string, string>>, form: string): Promise<ApiserverResponse> {
    const { client, path, metadataOnly, renewsCredentials, timing } = this.#options;
    this.#watchdog.bear(timing.answerTimeoutMs);
    const accept = metadataOnly ? `application/json;as=${form};g=meta.k8s.io;v=v1` : "application/json";
    return client.get({ path, query: { ...this.#options.query, ...query }, accept, renewsCredentials, signal: this.#signal });
  }
}

async function refused({ status, retryAfterMs, body }: ApiserverResponse): Promise<Outcome> {
  // Whatever it says, it is refused.
  const text = await wholeText(body, maxFailureBytes).catch(() => "");
  return { kind: "refused", failure: readFailure(parsed(text), status, retryAfterMs) };
}

/** Proxies on the way answer in words of their own. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
