import { isDeepStrictEqual } from "node:util";

/** An object, and what tells it from others and from its other states. */
export interface StoredObject<T> {
  readonly uid: string;
  readonly version: string;
  readonly value: T;
}

/** What a change of the whole store amounts to. */
export interface StoreDifference<T> {
  readonly upserted: readonly Upsert<T>[];
  readonly deleted: readonly T[];
}

export interface Upsert<T> {
  readonly value: T;
  /** How it was, if it was there. */
  readonly before: T | undefined;
}

/** The objects of a collection, as last heard. */
export class ObjectStore<T> {
  #objects = new Map<string, StoredObject<T>>();

  get size(): number {
    return this.#objects.size;
  }

  get(uid: string): StoredObject<T> | undefined {
    return this.#objects.get(uid);
  }

  /** @returns undefined if it is there in this version already */
  put(object: StoredObject<T>): Upsert<T> | undefined {
    const before = this.#objects.get(object.uid);
    if (before?.version === object.version) return undefined;
    this.#objects.set(object.uid, object);
    return { value: object.value, before: before?.value };
  }

  /** @returns what was there */
  delete(uid: string): StoredObject<T> | undefined {
    const object = this.#objects.get(uid);
    this.#objects.delete(uid);
    return object;
  }

  /**
   * Puts others in the place of all that is there. What differs is told by contents: a cluster that was restored from a backup gives the same versions again.
   */
  replace(objects: readonly StoredObject<T>[]): StoreDifference<T> {
    const before = this.#objects;
    this.#objects = new Map(objects.map((object) => [object.uid, object]));
    const upserts = objects.map(({ uid, value }) => ({ value, before: before.get(uid)?.value }));
    return {
      upserted: upserts.filter((upsert) => !isDeepStrictEqual(upsert.before, upsert.value)),
      deleted: [...before.values()].filter(({ uid }) => !this.#objects.has(uid)).map(({ value }) => value),
    };
  }
}
