import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";

interface Entry {
  readonly kind: ResourceKind<string>;
  readonly name: string;
  readonly value: string;
  readonly change: number;
}

/**
 * What a model server serves: a text by kind and name. Versions count the changes, so that those of two registries are alike and mean different things;
 * those of one are of its contents, as long as it is the same server.
 */
export class Registry {
  readonly #entries = new Map<string, Entry>();
  /** Of each resource, and of each kind. */
  readonly #changes = new Map<string, number>();
  /** Another one has other versions for the same contents. */
  epoch = 1;

  set(kind: ResourceKind<string>, name: string, value: string | undefined): void {
    if (value === this.get(kind, name)) return;
    const change = this.#count(keyOf(kind, name));
    this.#count(kind.typeUrl);
    if (value === undefined) this.#entries.delete(keyOf(kind, name));
    else this.#entries.set(keyOf(kind, name), { kind, name, value, change });
  }

  get(kind: ResourceKind<string>, name: string): string | undefined {
    return this.#entries.get(keyOf(kind, name))?.value;
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  /** Of a resource; undefined if there is none. */
  versionOf(kind: ResourceKind<string>, name: string): string | undefined {
    const entry = this.#entries.get(keyOf(kind, name));
    return entry && `${this.epoch}:${entry.change}`;
  }

  /** Of all resources of a kind. */
  version({ typeUrl }: ResourceKind<string>): string {
    return `${this.epoch}:${this.#changes.get(typeUrl) ?? 0}`;
  }

  #count(key: string): number {
    const change = (this.#changes.get(key) ?? 0) + 1;
    this.#changes.set(key, change);
    return change;
  }
}

function keyOf({ typeUrl }: ResourceKind<string>, name: string): string {
  return `${typeUrl} ${name}`;
}
