import { create } from "@bufbuild/protobuf";
import { type DiscoveryRequest, type DiscoveryResponse, DiscoveryResponseSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { type Resource, typeUrls } from "../resource.ts";
import type { Batch } from "./batch.ts";
import { datedText, laterOf, parseDated } from "./dated-version.ts";
import { none, TypeState, toldOf } from "./type-state.ts";

/**
 * State of the world: a client names all that it wants, each time. Of clusters and listeners it is told all at once, and what is missing is gone; of
 * endpoints and routes what has changed. Of what there never was it is told nothing.
 */
export class SotwState extends TypeState {
  #hadNames = false;

  request(request: DiscoveryRequest): void {
    // The client has yet to see the last response, and will say again what it wants.
    if (request.responseNonce !== this.nonce && this.nonce !== "") return;
    // A client that has what is gone can't be told so but by an answer without it.
    if (!this.isKnown && this.mayBeWildcard) this.isOwed = true;
    // A stream that has just begun: the version is of the one before.
    if (!this.isKnown) this.waitFor(parseDated(request.versionInfo).asOf);
    this.isKnown = true;
    this.answered(request.responseNonce, request.errorDetail?.message);
    const names = new Set(request.resourceNames);
    const isAll = this.mayBeWildcard && (names.delete("*") || (names.size === 0 && !this.#hadNames));
    if (request.resourceNames.length > 0) this.#hadNames = true;
    if (isAll) this.wantAll();
    else this.wantNoMoreThanNamed();
    for (const name of this.subscribed) if (!names.has(name)) this.unsubscribe(name);
    for (const name of names) if (!this.subscribed.has(name)) this.subscribe(name);
  }

  respond(nonce: string, batch: Batch): DiscoveryResponse | undefined {
    const resources = this.mayBeWildcard ? this.#whole(batch) : this.#changed(batch);
    if (resources === undefined) return undefined;
    this.isOwed = false;
    this.nonce = nonce;
    this.isUnderWay = true;
    return create(DiscoveryResponseSchema, {
      typeUrl: typeUrls[this.type],
      nonce,
      versionInfo: this.#versionOfAll(),
      resources: resources.map(({ any }) => any),
    });
  }

  #versionOfAll(): string {
    const told = [...this.told.values()];
    const digest = told.reduce((sum, each) => sum + each.digest, 0n);
    const asOf = told.reduce<bigint | undefined>((last, each) => laterOf(last, each.asOf), undefined);
    return datedText({ version: BigInt.asUintN(64, digest).toString(16).padStart(16, "0"), asOf });
  }

  #whole(batch: Batch): readonly Resource[] | undefined {
    const names = new Set([...this.owed, ...this.pending]);
    const isDue = this.isOwed || names.values().some((name) => this.#isNews(name));
    this.owed.clear();
    this.pending.clear();
    if (!isDue) return undefined;
    const resources = [...this.currentAll()];
    for (const resource of resources) {
      const { name, version, endpoints } = resource;
      if (endpoints !== undefined && this.told.get(name)?.version !== version) batch.followedBy.add(endpoints);
      this.told.set(name, toldOf(resource));
    }
    const there = new Set(resources.map(({ name }) => name));
    for (const name of this.told.keys()) if (!there.has(name)) this.told.delete(name);
    return resources;
  }

  #isNews(name: string): boolean {
    const current = this.current(name);
    if (current !== undefined && this.owed.has(name)) return true;
    return (current ?? none).version !== (this.told.get(name) ?? none).version;
  }

  #changed(batch: Batch): readonly Resource[] | undefined {
    const resources: Resource[] = [];
    for (const name of new Set([...this.owed, ...this.pending])) {
      const current = this.current(name) ?? this.view.absent(this.type, name);
      const isNew = current !== undefined && current.version !== this.told.get(name)?.version;
      if (current !== undefined && (isNew || this.owed.has(name))) {
        if (!batch.take(current, isNew)) break;
        resources.push(current);
        this.told.set(name, toldOf(current));
      }
      this.owed.delete(name);
      this.pending.delete(name);
    }
    return resources.length === 0 ? undefined : resources;
  }
}
