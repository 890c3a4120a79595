import type { Node } from "../gen/envoy/config/core/v3/base_pb.ts";
import { type ResourceType, type ResourceView, resourceTypes, typeOfUrl, typeUrls } from "../resource.ts";
import type { AdsRequest, AdsResponse, AdsVariant } from "./ads-message.ts";
import { badRequest, tooMuch } from "./bad-request.ts";
import { Batch } from "./batch.ts";
import { laterOf } from "./dated-version.ts";
import { DeltaState } from "./delta-state.ts";
import { takesPatches } from "./resource-patch.ts";
import { SotwState } from "./sotw-state.ts";
import type { Access, Interest, TypeState } from "./type-state.ts";

export interface ServerStreamOptions {
  readonly variant: AdsVariant;
  /** The one type that is served, if it is not all of them. */
  readonly only?: ResourceType | undefined;
  readonly view: ResourceView;
  readonly interest: Interest;
  /** What the client may have. Default: everything. */
  readonly access?: Access | undefined;
  /** How many names one stream may ask for. */
  readonly maxNames: number;
}

const maxNameLength = 1_024;

/**
 * The server's half of xDS on one stream, without the stream: it is told what the client says and which resources may have changed, and says what is to
 * be sent next. It knows nothing of I/O or time, and holds no response back: what is not taken by `next()` does not exist yet.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
 */
export class ServerStream {
  readonly variant: AdsVariant;
  readonly types: ReadonlyMap<ResourceType, DeltaState | SotwState>;
  /** Who the client says that it is, in its first request. */
  node: Node | undefined;
  readonly #only: ResourceType | undefined;
  readonly #view: ResourceView;
  readonly #maxNames: number;
  #nonces = 0;

  constructor({ variant, only, view, interest, access, maxNames }: ServerStreamOptions) {
    const State = variant === "delta" ? DeltaState : SotwState;
    this.variant = variant;
    this.types = new Map((only === undefined ? resourceTypes : [only]).map((type) => [type, new State(type, view, interest, access)]));
    this.#only = only;
    this.#view = view;
    this.#maxNames = maxNames;
  }

  /**
   * @returns the type that it was about; undefined for one that is not served, of which nothing is ever said
   * @throws ConnectError that ends the stream
   */
  request(request: AdsRequest): TypeState | undefined {
    this.node ??= request.node;
    const type = this.#typeOf(request.typeUrl);
    const state = type && this.types.get(type);
    if (state === undefined) return undefined;
    this.#checkNames(request);
    if (state instanceof DeltaState) state.request(request as Extract<AdsRequest, { initialResourceVersions: unknown }>);
    else state.request(request as Extract<AdsRequest, { versionInfo: unknown }>);
    const names = this.types.values().reduce((sum, { subscribed }) => sum + subscribed.size, 0);
    if (names > this.#maxNames) throw tooMuch(`a stream may ask for ${this.#maxNames} names, not ${names}`);
    return state;
  }

  changed(type: ResourceType, name: string): void {
    this.types.get(type)?.changed(name);
  }

  /** What the client may have is not what it was. */
  reconsider(): void {
    for (const state of this.types.values()) state.reconsider();
  }

  /** The next response, if there is one to be sent. Nothing before all is known: what is not there yet would read as gone. */
  next(): AdsResponse | undefined {
    if (!this.#view.isComplete) return undefined;
    for (const state of this.types.values()) {
      if (!state.isDue) continue;
      const batch = new Batch();
      const response = state.respond(`${this.#nonces + 1}`, batch, takesPatches(this.node));
      if (response === undefined) continue;
      this.#nonces++;
      for (const name of batch.followedBy) this.types.get("endpoints")?.sendAgain(name);
      return response;
    }
    return undefined;
  }

  /** Up to which revision this replica has to have read before the client is told all that it wants. Undefined if it may be told now. */
  get waitsFor(): bigint | undefined {
    return this.types.values().reduce<bigint | undefined>((last, state) => laterOf(last, state.waitsFor), undefined);
  }

  /** It has waited for long enough. */
  goOn(): void {
    for (const state of this.types.values()) state.waitsFor = undefined;
  }

  close(): void {
    for (const state of this.types.values()) state.close();
  }

  #typeOf(url: string): ResourceType | undefined {
    if (this.#only === undefined && url === "") throw badRequest("type_url: expected one, since this stream has several types");
    if (this.#only !== undefined && url !== "" && url !== typeUrls[this.#only]) {
      throw badRequest(`type_url: expected ${typeUrls[this.#only]} here, got ${JSON.stringify(url.slice(0, maxNameLength))}`);
    }
    return this.#only ?? typeOfUrl.get(url);
  }

  #checkNames(request: AdsRequest): void {
    const lists =
      "resourceNames" in request
        ? [request.resourceNames]
        : [request.resourceNamesSubscribe, request.resourceNamesUnsubscribe, Object.keys(request.initialResourceVersions)];
    for (const list of lists) {
      if (list.length > this.#maxNames) throw tooMuch(`a request may have ${this.#maxNames} names, not ${list.length}`);
      if (list.some((name) => name.length > maxNameLength)) throw badRequest(`a name may have ${maxNameLength} characters`);
    }
  }
}
