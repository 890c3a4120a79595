export interface ModelObject {
  readonly metadata: { readonly uid: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

export interface Change {
  readonly path: string;
  readonly revision: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: object;
}

/** For tests: what all apiservers of a cluster have in common. */
export class ModelStore {
  readonly #objects = new Map<string, Map<string, ModelObject>>();
  readonly #changes: Change[] = [];
  /** Hear of each change, in order. */
  readonly observers: ((change: Change) => void)[] = [];
  #revision = 1;

  get revision(): number {
    return this.#revision;
  }

  objects(path: string): Map<string, ModelObject> {
    const objects = this.#objects.get(path) ?? new Map();
    this.#objects.set(path, objects);
    return objects;
  }

  changes(path: string): readonly Change[] {
    return this.#changes.filter((change) => change.path === path);
  }

  put(path: string, object: ModelObject): void {
    const objects = this.objects(path);
    const revision = this.advance();
    const stored = versioned(object, revision);
    const type = objects.has(object.metadata.uid) ? "MODIFIED" : "ADDED";
    objects.set(object.metadata.uid, stored);
    this.#tell({ path, revision, type, object: stored });
  }

  delete(path: string, uid: string): void {
    const object = this.objects(path).get(uid);
    if (object === undefined) return;
    const revision = this.advance();
    this.objects(path).delete(uid);
    this.#tell({ path, revision, type: "DELETED", object: versioned(object, revision) });
  }

  /** As a change of a collection that nobody watches does. */
  advance(): number {
    return ++this.#revision;
  }

  /** Goes back to a revision, with the objects as they are. */
  rewind(revision: number): void {
    this.#revision = revision;
    this.#changes.length = 0;
  }

  #tell(change: Change): void {
    this.#changes.push(change);
    for (const observe of this.observers) observe(change);
  }
}

function versioned(object: ModelObject, revision: number): ModelObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: `${revision}` } };
}
