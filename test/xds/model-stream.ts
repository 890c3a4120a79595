import { create } from "@bufbuild/protobuf";
import type { AdsRequest, AdsResponse, AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryResponseSchema,
  type DiscoveryRequest,
  DiscoveryResponseSchema,
} from "../../src/gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { Registry } from "./registry.ts";
import { textKinds, textResource } from "./text-kind.ts";

/** That there is no such resource. */
const none = "none";

/** What a server knows of one type on one stream. */
class TypeState {
  readonly kind: ResourceKind<string>;
  readonly names = new Set<string>();
  /** The version of each that the client was told last, or `none`. */
  readonly told = new Map<string, string>();
  /** Of the responses that are not answered yet. */
  readonly open: string[] = [];
  lastNonce = "";
  isNew = true;
  /** Whether the client is owed an answer, though it be empty. */
  isOwed = false;

  constructor(kind: ResourceKind<string>) {
    this.kind = kind;
  }
}

/** The server's end of a stream, written for its likeness to the protocol's text. It throws where a client breaks the rules. */
export class ModelStream {
  readonly #variant: AdsVariant;
  readonly #registry: Registry;
  readonly #window: number;
  readonly #nextNonce: () => string;
  readonly #types = new Map(textKinds.map((kind) => [kind.typeUrl, new TypeState(kind)]));
  #knowsNode = false;

  /** @param window how many responses of a type may be under way without an answer */
  constructor(variant: AdsVariant, registry: Registry, window: number, nextNonce: () => string) {
    this.#variant = variant;
    this.#registry = registry;
    this.#window = window;
    this.#nextNonce = nextNonce;
  }

  request(request: AdsRequest): void {
    const type = this.#types.get(request.typeUrl);
    if (type === undefined) throw new Error(`asks for ${request.typeUrl}`);
    if (this.#knowsNode === (request.node !== undefined)) throw new Error("says who it is too late, or twice");
    this.#knowsNode = true;
    if (request.responseNonce !== "") this.#answered(type, request.responseNonce);
    if (request.$typeName === "envoy.service.discovery.v3.DeltaDiscoveryRequest") this.#delta(type, request);
    else this.#state(type, request);
    type.isNew = false;
  }

  /** The responses that are due. */
  respond(): readonly AdsResponse[] {
    return [...this.#types.values()].flatMap((type) => {
      if (type.open.length >= this.#window) return [];
      const changed = [...type.names].filter((name) => type.told.get(name) !== this.#current(type, name) && this.#canTell(type, name));
      return changed.length === 0 && !type.isOwed ? [] : [this.#response(type, changed)];
    });
  }

  /** Each response is answered once, in order; a subscription of the state of the world may say the last nonce again. */
  #answered(type: TypeState, nonce: string): void {
    if (nonce === type.open[0]) type.open.shift();
    else if (this.#variant === "delta" || type.open.includes(nonce)) throw new Error(`answers ${nonce}, not ${type.open[0]}`);
  }

  #delta(type: TypeState, request: DeltaDiscoveryRequest): void {
    const { resourceNamesSubscribe: more, resourceNamesUnsubscribe: less, initialResourceVersions: versions } = request;
    if (type.isNew && more.length === 0) throw new Error("asks for everything");
    if (!type.isNew && Object.keys(versions).length > 0) throw new Error("says twice what it has");
    for (const name of less) {
      type.names.delete(name);
      type.told.delete(name);
    }
    for (const name of more) {
      type.names.add(name);
      type.told.delete(name);
      const version = versions[name];
      if (version !== undefined) type.told.set(name, version);
    }
  }

  #state(type: TypeState, { resourceNames, versionInfo, responseNonce }: DiscoveryRequest): void {
    if (type.isNew && resourceNames.length === 0) throw new Error("asks for everything");
    if (responseNonce !== type.lastNonce) return; // Stale: the client has yet to see the last response.
    for (const name of type.names) if (!resourceNames.includes(name)) type.told.delete(name);
    type.names.clear();
    for (const name of resourceNames) type.names.add(name);
    if (!type.isNew) return;
    const isNewest = versionInfo === this.#registry.version(type.kind);
    type.isOwed = type.kind.comesWhole && !isNewest;
    // As old servers do: whoever has the newest version is sent nothing, whatever it asks for.
    if (isNewest) {
      for (const name of resourceNames) type.told.set(name, this.#current(type, name));
    }
  }

  #current(type: TypeState, name: string): string {
    return this.#registry.versionOf(type.kind, name) ?? none;
  }

  /** In the state of the world nothing can be said of what is not there, but by leaving it out of what was sent before. */
  #canTell(type: TypeState, name: string): boolean {
    if (this.#variant === "delta" || this.#current(type, name) !== none) return true;
    return type.kind.comesWhole && type.told.has(name);
  }

  #response(type: TypeState, changed: readonly string[]): AdsResponse {
    const { kind, names, told } = type;
    const { typeUrl } = kind;
    const nonce = this.#nextNonce();
    type.lastNonce = nonce;
    type.isOwed = false;
    type.open.push(nonce);
    for (const name of changed) told.set(name, this.#current(type, name));
    const sent = this.#variant === "sotw" && kind.comesWhole ? [...names] : changed;
    const there = sent.flatMap((name) => {
      const value = this.#registry.get(kind, name);
      return value === undefined ? [] : [{ name, version: this.#current(type, name), resource: textResource(kind, `${name}=${value}`) }];
    });
    if (this.#variant === "sotw") {
      const versionInfo = this.#registry.version(kind);
      return create(DiscoveryResponseSchema, { typeUrl, nonce, versionInfo, resources: there.map(({ resource }) => resource) });
    }
    const removedResources = changed.filter((name) => this.#registry.get(kind, name) === undefined);
    return create(DeltaDiscoveryResponseSchema, { typeUrl, nonce, resources: there, removedResources });
  }
}
