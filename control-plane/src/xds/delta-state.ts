import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { type Resource, typeUrls } from "../resource.ts";
import type { Batch } from "./batch.ts";
import { datedText, parseDated } from "./dated-version.ts";
import { resourcePatch } from "./resource-patch.ts";
import { none, type Told, TypeState, toldOf } from "./type-state.ts";

interface Sent {
  readonly name: string;
  readonly isPatch: boolean;
}

/** Incremental: a client says what changes in what it wants, and is told what has changed. Each name that it asks for is answered. */
export class DeltaState extends TypeState {
  /** In the last response. */
  #sent: readonly Sent[] = [];
  /** Refused as a whole: which state the client has is not known. */
  readonly #refused = new Set<string>();

  request(request: DeltaDiscoveryRequest): void {
    const { resourceNamesSubscribe: more, resourceNamesUnsubscribe: less, initialResourceVersions: versions } = request;
    const isFirst = !this.isKnown;
    this.isKnown = true;
    this.answered(request.responseNonce, request.errorDetail?.message);
    for (const name of less) this.#drop(name);
    for (const name of more) {
      if (name === "*" && this.mayBeWildcard) this.wantAll();
      else this.subscribe(name);
    }
    if (!isFirst) return;
    // That the client is up to date is news as well: until then, it does not know.
    this.isOwed = true;
    if (more.length === 0 && this.mayBeWildcard) this.wantAll();
    for (const [name, version] of Object.entries(versions)) this.#claimed(name, version);
  }

  /**
   * What has changed, and has room in the batch. Undefined if there is nothing to say.
   *
   * @param takesPatches whether the client can be told what has changed within a resource
   */
  respond(nonce: string, batch: Batch, takesPatches: boolean): DeltaDiscoveryResponse | undefined {
    const resources: { name: string; version: string; resource: Any }[] = [];
    const sent: Sent[] = [];
    const removed: string[] = [];
    for (const name of new Set([...this.owed, ...this.pending])) {
      const current = this.current(name);
      const before = this.told.get(name);
      const isNew = (current ?? none).version !== (before ?? none).version;
      // What has not changed is told still as it was then: a patch names that version.
      if (current !== undefined && (isNew || this.owed.has(name))) {
        const patch = takesPatches ? this.#patch(current, before) : undefined;
        const body = patch ?? current.any;
        if (!batch.take(current, isNew, body)) break;
        resources.push({ name, version: datedText(current), resource: body });
        sent.push({ name, isPatch: patch !== undefined });
        this.told.set(name, toldOf(current));
      } else if (current === undefined) {
        if (isNew || this.owed.has(name)) removed.push(name);
        this.told.delete(name);
        this.#refused.delete(name);
      }
      this.owed.delete(name);
      this.pending.delete(name);
    }
    if (resources.length + removed.length === 0 && !this.isOwed) return undefined;
    this.isOwed = false;
    this.nonce = nonce;
    this.isUnderWay = true;
    this.#sent = sent;
    return create(DeltaDiscoveryResponseSchema, {
      typeUrl: typeUrls[this.type],
      nonce,
      resources,
      removedResources: removed,
    });
  }

  /** Where a patch was refused, all of the resource is sent: the client may have been sent something else by another control plane. */
  override answered(nonce: string, error: string | undefined): void {
    if (nonce === this.nonce) {
      for (const each of this.#sent) this.#settle(each, error !== undefined);
      this.#sent = [];
    }
    super.answered(nonce, error);
  }

  #settle({ name, isPatch }: Sent, isRefused: boolean): void {
    if (!isRefused) this.#refused.delete(name);
    else if (this.told.has(name)) (isPatch ? this.owed : this.#refused).add(name);
  }

  #patch(current: Resource, before: Told | undefined): Any | undefined {
    const { name } = current;
    return before === undefined || this.owed.has(name) || this.#refused.has(name) ? undefined : resourcePatch(current, before);
  }

  #drop(name: string): void {
    this.#refused.delete(name);
    if (name === "*" && this.mayBeWildcard) this.wantNoMoreThanNamed();
    // Who wants all still gets it, and would not know whether it is there.
    else if (this.unsubscribe(name) && this.isWildcard) this.owed.add(name);
  }

  /** The client has it from a stream before. */
  #claimed(name: string, text: string): void {
    if (!this.isWildcard && !this.subscribed.has(name)) return;
    const { version, asOf } = parseDated(text);
    if (this.current(name)?.version !== version) this.waitFor(asOf);
    this.told.set(name, { version, digest: 0n, asOf });
    this.owed.delete(name);
    this.pending.add(name);
  }
}
