import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";

/** What a model server serves: a text by kind and name. Its versions are of its contents, as long as it is the same server. */
export class Registry {
  readonly #values = new Map<string, Map<string, string>>();
  /** Another one has other versions for the same contents. */
  epoch = 1;

  set(kind: ResourceKind<string>, name: string, value: string | undefined): void {
    const values = this.#of(kind);
    if (value === undefined) values.delete(name);
    else values.set(name, value);
  }

  get(kind: ResourceKind<string>, name: string): string | undefined {
    return this.#of(kind).get(name);
  }

  /** Of a resource; undefined if there is none. */
  versionOf(kind: ResourceKind<string>, name: string): string | undefined {
    const value = this.get(kind, name);
    return value === undefined ? undefined : `${this.epoch}:${value}`;
  }

  /** Of all resources of a kind. */
  version(kind: ResourceKind<string>): string {
    return `${this.epoch}:${[...this.#of(kind)].sort().join()}`;
  }

  /** Makes good what is bad. */
  mend(): void {
    for (const values of this.#values.values()) {
      for (const [name, value] of values) values.set(name, value.replace("bad", "good"));
    }
  }

  #of(kind: ResourceKind<string>): Map<string, string> {
    const values = this.#values.get(kind.typeUrl) ?? new Map<string, string>();
    this.#values.set(kind.typeUrl, values);
    return values;
  }
}
