import { create } from "@bufbuild/protobuf";
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { type Resource, typeUrls } from "../resource.ts";
import type { Batch } from "./batch.ts";
import { datedText, parseDated } from "./dated-version.ts";
import { none, TypeState, toldOf } from "./type-state.ts";

/** Incremental: a client says what changes in what it wants, and is told what has changed. Each name that it asks for is answered. */
export class DeltaState extends TypeState {
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

  /** What has changed, and has room in the batch. Undefined if there is nothing to say. */
  respond(nonce: string, batch: Batch): DeltaDiscoveryResponse | undefined {
    const resources: Resource[] = [];
    const removed: string[] = [];
    for (const name of new Set([...this.owed, ...this.pending])) {
      const current = this.current(name);
      const before = this.told.get(name);
      const isNew = (current ?? none).version !== (before ?? none).version;
      if (isNew || this.owed.has(name)) {
        if (current !== undefined && !batch.take(current, isNew)) break;
        if (current !== undefined) resources.push(current);
        else removed.push(name);
      }
      this.owed.delete(name);
      this.pending.delete(name);
      if (current !== undefined) this.told.set(name, toldOf(current));
      else this.told.delete(name);
    }
    if (resources.length + removed.length === 0 && !this.isOwed) return undefined;
    this.isOwed = false;
    this.nonce = nonce;
    this.isUnderWay = true;
    return create(DeltaDiscoveryResponseSchema, {
      typeUrl: typeUrls[this.type],
      nonce,
      resources: resources.map((resource) => ({ name: resource.name, version: datedText(resource), resource: resource.any })),
      removedResources: removed,
    });
  }

  #drop(name: string): void {
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
