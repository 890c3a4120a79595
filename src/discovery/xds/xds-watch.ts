import type { EndpointObserver, Watch } from "../endpoint-source.ts";
import type { Lookup, Resolution } from "./resolution.ts";
import type { ResourceKind } from "./resource-kind.ts";
import type { XdsClient, XdsWatcher } from "./xds-client.ts";
import type { XdsResource } from "./xds-kinds.ts";

/** Who a watch tells. */
export interface XdsObserver extends EndpointObserver {
  /** Whether it has other endpoints, for as long as the control plane says nothing of the target. Default false: silence is then taken for "no such service". */
  readonly standsIn?: boolean;
}

type Resources = Map<string, { readonly kind: ResourceKind<XdsResource>; readonly name: string }>;

/** Follows what the resources say of one target. What it looks up, it watches, until a later look does without. */
export class XdsWatch implements Watch, XdsWatcher {
  readonly #client: XdsClient;
  readonly #resolve: (lookup: Lookup, name: string) => Resolution;
  readonly #name: string;
  readonly #observer: XdsObserver;
  #watched: Resources = new Map();
  #trouble: string | undefined;
  #isKnown = false;
  #isClosed = false;

  constructor(client: XdsClient, resolve: (lookup: Lookup, name: string) => Resolution, name: string, observer: XdsObserver) {
    this.#client = client;
    this.#resolve = resolve;
    this.#name = name;
    this.#observer = observer;
    this.#look();
  }

  /** News are pushed: there is nothing to look for. */
  refresh(): void {}

  close(): void {
    this.#isClosed = true;
    for (const { kind, name } of this.#watched.values()) this.#client.unwatch(kind, name, this);
    this.#watched.clear();
  }

  onChange(): void {
    if (!this.#isClosed) this.#look();
  }

  onRefused(problems: string): void {
    this.#fail(`${this.#client.label} sends what can't be used${this.#kept()}: ${problems}`);
  }

  onSilence(message: string): void {
    this.#fail(message);
  }

  onAnswer(): void {
    if (this.#trouble !== undefined && !this.#isClosed) this.#look();
  }

  #look(): void {
    const used: Resources = new Map();
    const refusals: string[] = [];
    const resolution = this.#resolve((kind, name) => {
      this.#use(used, kind, name);
      const known = this.#client.known(kind, name);
      if (known.refusal !== undefined) refusals.push(known.refusal);
      return known;
    }, this.#name);
    for (const [key, { kind, name }] of this.#watched) if (!used.has(key)) this.#client.unwatch(kind, name, this);
    this.#watched = used;
    this.#tell(resolution);
    // What was told ends the trouble, but for what goes on.
    const { silence } = this.#client;
    if (refusals.length > 0) this.onRefused(refusals.join(", "));
    else if (silence !== undefined) this.#fail(silence);
  }

  #use(used: Resources, kind: ResourceKind<XdsResource>, name: string): void {
    const key = `${kind.typeUrl} ${name}`;
    if (!used.has(key) && !this.#watched.has(key)) this.#client.watch(kind, name, this);
    used.set(key, { kind, name });
  }

  #tell(resolution: Resolution): void {
    switch (resolution.kind) {
      case "waiting":
        return;
      case "unusable":
        return this.#fail(`${this.#client.label}: ${resolution.problem}${this.#kept()}`);
      case "missing":
        if (resolution.reason === "never sent" && this.#observer.standsIn) {
          return this.#fail(`${this.#client.label} answers, and says nothing of ${JSON.stringify(this.#name)}`);
        }
        this.#trouble = undefined;
        return this.#observer.onUpdate({ exists: false });
      case "resolved":
        this.#trouble = undefined;
        this.#isKnown = true;
        return this.#observer.onUpdate({ endpoints: resolution.endpoints, config: resolution.config });
    }
  }

  #kept(): string {
    return this.#isKnown ? ", the last good endpoints stay in use" : "";
  }

  #fail(message: string): void {
    if (this.#isClosed || message === this.#trouble) return;
    this.#trouble = message;
    this.#observer.onError(new Error(message));
  }
}
