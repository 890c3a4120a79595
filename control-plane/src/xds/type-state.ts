import type { Resource, ResourceType, ResourceView } from "../resource.ts";
import { laterOf } from "./dated-version.ts";

/** Who is told what a stream wants to hear of, so that it is told of nothing else. */
export interface Interest {
  /** @param name "*" for all */
  add(type: ResourceType, name: string): void;
  delete(type: ResourceType, name: string): void;
}

/** What one client may have. */
export interface Access {
  mayHave(resource: Resource): boolean;
  /** It asks for something that is there, and that it may not have: to it, that is not there. Once for each name, until it may have it. */
  denied(type: ResourceType, name: string): void;
}

/** What a client has been told of a resource. */
export type Told = Pick<Resource, "version" | "digest" | "asOf">;

/** It has been told that there is none. No content has this version. */
export const none: Told = { version: "", digest: 0n, asOf: undefined };

export function toldOf({ version, digest, asOf }: Resource): Told {
  return { version, digest, asOf };
}

/**
 * One type of resources on one stream: what the client wants, what it was told, and which names have to be looked at before the next response. Names, not
 * states: however slowly a client reads, and however often a resource changes meanwhile, it is sent the last state, once.
 */
export class TypeState {
  readonly type: ResourceType;
  readonly view: ResourceView;
  readonly subscribed = new Set<string>();
  readonly told = new Map<string, Told>();
  /** May have changed. */
  readonly pending = new Set<string>();
  /** Are to be sent, though they have not changed. */
  readonly owed = new Set<string>();
  /** An answer is to be sent, though there is nothing in it. */
  isOwed = false;
  isWildcard = false;
  /** Whether the client has asked for the type at all. */
  isKnown = false;
  /** Of the last response; empty before the first. */
  nonce = "";
  /** Whether the last response is still to be accepted or refused. One is under way at a time, so that a slow client is not flooded. */
  isUnderWay = false;
  /** The client has something else than what is here, as of that revision, from another replica. Nothing is said until this is known to be no older. */
  waitsFor: bigint | undefined;
  /** Why the last response was refused, if it was. */
  refusal: string | undefined;
  readonly #interest: Interest;
  readonly #access: Access | undefined;
  readonly #denied = new Set<string>();

  /** @param access default: everything */
  constructor(type: ResourceType, view: ResourceView, interest: Interest, access?: Access) {
    this.type = type;
    this.view = view;
    this.#interest = interest;
    this.#access = access;
  }

  /** Only of these can a client want all without naming them. */
  get mayBeWildcard(): boolean {
    return this.type === "cluster" || this.type === "listener";
  }

  get isDue(): boolean {
    return this.isKnown && !this.isUnderWay && this.waitsFor === undefined && (this.isOwed || this.owed.size > 0 || this.pending.size > 0);
  }

  /** What stands for a name now, to this client. */
  current(name: string): Resource | undefined {
    const resource = this.view.get(this.type, name);
    const isNamed = this.subscribed.has(name);
    if (resource === undefined || !(resource.isListed || isNamed)) return undefined;
    const mayHave = this.#access?.mayHave(resource) ?? true;
    if (mayHave) this.#denied.delete(name);
    else if (isNamed && !this.#denied.has(name)) {
      this.#denied.add(name);
      this.#access?.denied(this.type, name);
    }
    return mayHave ? resource : undefined;
  }

  /** All that the client wants. */
  *currentAll(): Iterable<Resource> {
    const names = new Set(this.subscribed);
    if (this.isWildcard) for (const { name } of this.view.all(this.type)) names.add(name);
    for (const name of names) {
      const resource = this.current(name);
      if (resource !== undefined) yield resource;
    }
  }

  /** What the client may have is not what it was: all that it wants has to be looked at. */
  reconsider(): void {
    for (const name of this.subscribed) this.pending.add(name);
    if (!this.isWildcard) return;
    for (const name of this.told.keys()) this.pending.add(name);
    for (const { name } of this.view.all(this.type)) this.pending.add(name);
  }

  changed(name: string): void {
    if (this.isWildcard || this.subscribed.has(name)) this.pending.add(name);
  }

  /** The client has something new that goes with it. */
  sendAgain(name: string): void {
    if (this.subscribed.has(name)) this.owed.add(name);
  }

  answered(nonce: string, error: string | undefined): void {
    if (nonce !== this.nonce || nonce === "") return;
    this.isUnderWay = false;
    this.refusal = error;
  }

  /** The client had this from a stream before. */
  waitFor(asOf: bigint | undefined): void {
    this.waitsFor = laterOf(this.waitsFor, asOf);
  }

  subscribe(name: string): void {
    this.owed.add(name);
    if (this.subscribed.has(name)) return;
    this.subscribed.add(name);
    this.#interest.add(this.type, name);
  }

  /** @returns whether the client had it */
  unsubscribe(name: string): boolean {
    if (!this.subscribed.delete(name)) return false;
    this.#interest.delete(this.type, name);
    if (this.isWildcard) return true;
    this.told.delete(name);
    this.owed.delete(name);
    this.pending.delete(name);
    return true;
  }

  wantAll(): void {
    if (this.isWildcard) return;
    this.isWildcard = true;
    this.isOwed = true;
    this.#interest.add(this.type, "*");
    for (const { name } of this.view.all(this.type)) this.pending.add(name);
  }

  wantNoMoreThanNamed(): void {
    if (!this.isWildcard) return;
    this.isWildcard = false;
    this.#interest.delete(this.type, "*");
    for (const names of [this.told, this.owed, this.pending]) {
      for (const name of names.keys()) if (!this.subscribed.has(name)) names.delete(name);
    }
  }

  close(): void {
    for (const name of this.subscribed) this.#interest.delete(this.type, name);
    this.subscribed.clear();
    if (this.isWildcard) this.#interest.delete(this.type, "*");
    this.isWildcard = false;
  }
}
