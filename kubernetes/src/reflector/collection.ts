import type { KubernetesObject } from "./kubernetes-object.ts";
import { ObjectStore, type StoredObject } from "./object-store.ts";

/** Who hears of the objects of a collection. None of these may throw. */
export interface CollectionObserver<T> {
  /** It is there, or has changed: that is how it was. */
  upserted(object: T, before: T | undefined): void;
  /** It is gone; this is how it last was. Where others have taken its place, they have been told before. */
  deleted(object: T): void;
}

/** The copy of a collection, and what is told of it: what differs, and that once. */
export class Collection<T> {
  readonly #read: (object: KubernetesObject) => T;
  readonly #observer: CollectionObserver<T>;
  readonly #store = new ObjectStore<T>();
  /** Objects that could not be read, and stayed as they were. */
  unreadable = 0;

  constructor(read: (object: KubernetesObject) => T, observer: CollectionObserver<T>) {
    this.#read = read;
    this.#observer = observer;
  }

  get size(): number {
    return this.#store.size;
  }

  changed(object: KubernetesObject): void {
    const stored = this.#stored(object);
    const upsert = stored && this.#store.put(stored);
    if (upsert !== undefined) this.#observer.upserted(upsert.value, upsert.before);
  }

  deleted({ metadata: { uid } }: KubernetesObject): void {
    const last = this.#store.delete(uid);
    if (last !== undefined) this.#observer.deleted(last.value);
  }

  /** These are all, whatever was there before. */
  replace(objects: Iterable<KubernetesObject>): void {
    const stored = [...objects].flatMap((object) => this.#stored(object) ?? this.#store.get(object.metadata.uid) ?? []);
    const { upserted, deleted } = this.#store.replace(stored);
    for (const { value, before } of upserted) this.#observer.upserted(value, before);
    for (const object of deleted) this.#observer.deleted(object);
  }

  #stored(object: KubernetesObject): StoredObject<T> | undefined {
    const { uid, resourceVersion: version } = object.metadata;
    try {
      return { uid, version, value: this.#read(object) };
    } catch {
      this.unreadable += 1;
      return undefined;
    }
  }
}
