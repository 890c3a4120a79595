import { type Clock, systemClock } from "meshless/discovery";
import type { ApiserverClient } from "./apiserver-client.ts";
import { Attempt } from "./attempt.ts";
import { Collection, type CollectionObserver } from "./collection.ts";
import { Course, type Turn } from "./course.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import { messageOf, type Outcome, type RestartReason } from "./outcome.ts";
import type { ReflectorStatus } from "./reflector-status.ts";
import { defaultTiming, type ReflectorTiming } from "./reflector-timing.ts";

/** Which collection is copied, and what is kept of its objects. */
export interface ReflectorOptions<T> {
  /** Reads from the apiserver: `await kubeconfigClient()`. */
  readonly client: ApiserverClient;
  /** Of the collection, such as `/api/v1/namespaces/shop/services`. */
  readonly path: string;
  /** Which of its objects, such as `kubernetes.io/service-name`. Default: all. */
  readonly labelSelector?: string;
  /** Which of those, by fields that Kubernetes knows, such as `metadata.name=web`. Default: all. */
  readonly fieldSelector?: string;
  /** Whether its objects are wanted without anything but their metadata. Default false. */
  readonly metadataOnly?: boolean;
  /** Takes what is needed of an object, and leaves the rest to be forgotten. One for which it throws stays as it was. */
  readonly read: (object: KubernetesObject) => T;
  /** Default: the real clock. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: () => number;
  /** Default: {@link defaultTiming}. */
  readonly timing?: Partial<ReflectorTiming>;
}

/** Who hears of a collection and of its copy. None of these may throw. */
export interface ReflectorObserver<T> extends CollectionObserver<T> {
  /** All that there is has been told. Once. */
  synced(): void;
  /** What was told may be out of date, and why; undefined when that is over. It stays as it was. */
  trouble(error: Error | undefined): void;
}

/** One failure is nothing to speak of: servers restart. */
const troubleAfter = 2;

/**
 * Keeps a copy of a collection of objects of Kubernetes, by list and watch, through all that happens to an apiserver. What has been told stays until something
 * newer is known: neither an apiserver that is away, nor a list that is read again, ever empties it.
 */
export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #observer: ReflectorObserver<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #timing: ReflectorTiming;
  readonly #course: Course;
  readonly #collection: Collection<T>;
  readonly #closing = new AbortController();
  readonly #restarts = new Map<RestartReason, number>();
  #lists = 0;
  #version: string | undefined;
  #freshAtMs: number | undefined;
  #eventAtMs: number | undefined;
  #isInTrouble = false;

  constructor(options: ReflectorOptions<T>, observer: ReflectorObserver<T>) {
    this.#options = options;
    this.#observer = observer;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#course = new Course(this.#timing, this.#random);
    this.#collection = new Collection(options.read, observer);
    void this.#run();
  }

  /** What can be measured of it just now. */
  get status(): ReflectorStatus {
    const nowMs = this.#clock.now();
    const ageMs = (atMs: number | undefined) => (atMs === undefined ? undefined : nowMs - atMs);
    return {
      objects: this.#collection.size,
      unreadable: this.#collection.unreadable,
      lists: this.#lists,
      restarts: new Map(this.#restarts),
      freshAgeMs: ageMs(this.#freshAtMs),
      eventAgeMs: ageMs(this.#eventAtMs),
    };
  }

  /** Of the apiserver: what happened up to it has been told, and nothing of later. Undefined before the first list. */
  get version(): string | undefined {
    return this.#version;
  }

  /** Nothing is told after that. */
  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const attempt = this.#newAttempt();
      const outcome = await attempt.make();
      if (signal.aborted) return;
      const turn = this.#course.after(outcome, attempt.isProven, this.#clock.now());
      this.#note(turn, outcome);
      if (turn.delayMs > 0) await this.#pause(turn.delayMs);
    }
  }

  #newAttempt(): Attempt {
    const { client, path, labelSelector, fieldSelector, metadataOnly = false } = this.#options;
    return new Attempt({
      client,
      path,
      metadataOnly,
      query: { ...(labelSelector !== undefined && { labelSelector }), ...(fieldSelector !== undefined && { fieldSelector }) },
      step: this.#course.step,
      renewsCredentials: this.#course.renewsCredentials,
      clock: this.#clock,
      random: this.#random,
      timing: this.#timing,
      closing: this.#closing.signal,
      all: (objects, version) => this.#all(objects, version),
      changed: (object) => this.#happened(object, () => this.#collection.changed(object)),
      deleted: (object) => this.#happened(object, () => this.#collection.deleted(object)),
      reached: (version) => this.#reached(version),
      proven: () => this.#proven(),
    });
  }

  #all(objects: Iterable<KubernetesObject>, version: string): void {
    const isFirst = this.#lists === 0;
    this.#lists += 1;
    this.#freshAtMs = this.#clock.now();
    this.#version = version;
    this.#collection.replace(objects);
    this.#course.synced(version, this.#freshAtMs);
    if (isFirst) this.#observer.synced();
  }

  #happened({ metadata }: KubernetesObject, tell: () => void): void {
    this.#eventAtMs = this.#clock.now();
    // Before it is told, so that nothing is of later.
    this.#reached(metadata.resourceVersion);
    tell();
  }

  #reached(version: string): void {
    this.#freshAtMs = this.#clock.now();
    this.#version = version;
    this.#course.reached(version);
  }

  #proven(): void {
    this.#course.proven();
    if (this.#isInTrouble) this.#observer.trouble(undefined);
    this.#isInTrouble = false;
  }

  #note({ reason, failures }: Turn, outcome: Outcome): void {
    if (reason !== undefined) this.#restarts.set(reason, (this.#restarts.get(reason) ?? 0) + 1);
    // A server that has forgotten the version does answer.
    if (failures < troubleAfter || reason === "expired") return;
    this.#isInTrouble = true;
    this.#observer.trouble(new Error(`${this.#options.path}: ${messageOf(outcome)}`));
  }

  #pause(delayMs: number): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = this.#clock.after(delayMs, done);
      signal.addEventListener("abort", done);
    });
  }
}
