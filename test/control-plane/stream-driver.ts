import { create, fromBinary } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  DiscoveryRequestSchema,
} from "../../control-plane/src/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { ResourcePatchSchema } from "../../control-plane/src/gen/meshless/discovery/v1/resource_patch_pb.ts";
import { type ResourceType, resourceTypes, typeUrls } from "../../control-plane/src/resource.ts";
import type { AdsResponse, AdsVariant } from "../../control-plane/src/xds/ads-message.ts";
import { ServerStream } from "../../control-plane/src/xds/server-stream.ts";
import { SubscriberIndex } from "../../control-plane/src/xds/subscriber-index.ts";
import type { Access } from "../../control-plane/src/xds/type-state.ts";
import { TextView } from "./text-view.ts";

export interface DriverOptions {
  readonly variant: AdsVariant;
  readonly only?: ResourceType | undefined;
  readonly maxNames?: number;
  readonly access?: Access;
}

/** For tests: the client's end of a stream, written by hand, in either variant. */
export class StreamDriver {
  readonly view: TextView;
  readonly index = new SubscriberIndex<ServerStream>();
  readonly variant: AdsVariant;
  readonly stream: ServerStream;
  /** Who the client says that it is, with each request. */
  node: { readonly id: string; readonly clientFeatures?: string[] } | undefined;
  readonly #names = new Map<ResourceType, Set<string>>();
  readonly #nonces = new Map<ResourceType, string>();

  /** @param view that another stream has changed; default: one of its own */
  constructor({ variant, only, maxNames = 100, access }: DriverOptions, view?: TextView) {
    this.variant = variant;
    this.view = view ?? new TextView((type, name) => this.#changed(type, name));
    const stream: ServerStream = new ServerStream({
      variant,
      only,
      view: this.view,
      interest: {
        add: (type, name) => this.index.interestOf(stream).add(type, name),
        delete: (type, name) => this.index.interestOf(stream).delete(type, name),
      },
      access,
      maxNames,
    });
    this.stream = stream;
  }

  set(type: ResourceType, ...texts: readonly string[]): void {
    for (const text of texts) {
      const [name = "", value] = text.split("=");
      this.view.set(type, name, value);
    }
  }

  /** Asks for more names; in the first request for none, which may mean all. */
  subscribe(type: ResourceType, ...names: readonly string[]): readonly string[] {
    return this.#ask(type, names, []);
  }

  unsubscribe(type: ResourceType, ...names: readonly string[]): readonly string[] {
    return this.#ask(type, [], names);
  }

  /** Accepts the last response, or refuses it. */
  answer(type: ResourceType, error?: string): readonly string[] {
    this.#request(type, [], [], this.#nonces.get(type) ?? "", error);
    return this.texts();
  }

  /** All that is to be sent, each response accepted at once. */
  accepted(): readonly string[] {
    const texts: string[] = [];
    let more: readonly string[];
    do {
      for (const [type, nonce] of this.#nonces) this.#request(type, [], [], nonce);
      more = this.texts();
      texts.push(...more);
    } while (more.length > 0);
    return texts;
  }

  /** What is to be sent now, such as `cluster: a=1 -b`; `b~VERSION` for what has changed in b since that version. */
  texts(): readonly string[] {
    return [...responsesOf(this.stream)].map((response) => {
      const type = resourceTypes.find((type) => typeUrls[type] === response.typeUrl) ?? "cluster";
      this.#nonces.set(type, response.nonce);
      return `${type}: ${contentOf(response).join(" ")}`.trim();
    });
  }

  /** What the client may have has changed. */
  reconsidered(): readonly string[] {
    this.stream.reconsider();
    return this.accepted();
  }

  /** A request as it stands, for what no good client sends. */
  raw(fields: {
    readonly typeUrl?: string;
    readonly names?: readonly string[];
    readonly nonce?: string;
    readonly versions?: Record<string, string>;
    readonly version?: string;
    readonly features?: string[];
  }) {
    const { typeUrl = "", names = [], nonce: responseNonce = "", versions = {}, version = "", features } = fields;
    return this.stream.request(
      this.variant === "delta"
        ? create(DeltaDiscoveryRequestSchema, {
            typeUrl,
            resourceNamesSubscribe: [...names],
            responseNonce,
            initialResourceVersions: versions,
            ...(features && { node: { id: "me", clientFeatures: features } }),
          })
        : create(DiscoveryRequestSchema, { typeUrl, resourceNames: [...names], responseNonce, versionInfo: version }),
    );
  }

  #ask(type: ResourceType, more: readonly string[], less: readonly string[]): readonly string[] {
    this.#request(type, more, less, this.variant === "delta" ? "" : (this.#nonces.get(type) ?? ""));
    return this.texts();
  }

  #request(type: ResourceType, more: readonly string[], less: readonly string[], responseNonce: string, error?: string): void {
    const typeUrl = typeUrls[type];
    const names = this.#names.get(type) ?? new Set();
    this.#names.set(type, names);
    for (const name of more) names.add(name);
    for (const name of less) names.delete(name);
    const rest = { ...(this.node && { node: this.node }), ...(error !== undefined && { errorDetail: { code: 3, message: error } }) };
    this.stream.request(
      this.variant === "delta"
        ? create(DeltaDiscoveryRequestSchema, {
            typeUrl,
            resourceNamesSubscribe: [...more],
            resourceNamesUnsubscribe: [...less],
            responseNonce,
            ...rest,
          })
        : create(DiscoveryRequestSchema, { typeUrl, resourceNames: [...names], responseNonce, ...rest }),
    );
  }

  #changed(type: ResourceType, name: string): void {
    for (const stream of this.index.of(type, name)) stream.changed(type, name);
  }
}

function* responsesOf(stream: ServerStream): Iterable<AdsResponse> {
  for (let response = stream.next(); response !== undefined; response = stream.next()) yield response;
}

function contentOf(response: AdsResponse): readonly string[] {
  const text = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString();
  if ("versionInfo" in response) return response.resources.map(({ value }) => text(value));
  const resources = response.resources.map(({ name, resource }) =>
    resource?.typeUrl.endsWith("ResourcePatch")
      ? `${name}~${fromBinary(ResourcePatchSchema, resource.value).baseVersion}`
      : text(resource?.value),
  );
  return [...resources, ...response.removedResources.map((name) => `-${name}`)];
}
