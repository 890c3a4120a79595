import { createHash } from "node:crypto";
import { create, type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import type { ByteEdit } from "./byte-edits.ts";
import { EditHistory } from "./edit-history.ts";

/** In the order in which clients want to hear of them: what is referred to, before what refers to it. */
export const resourceTypes = ["cluster", "endpoints", "listener", "routes"] as const;
/** Which kind of resource of xDS. */
export type ResourceType = (typeof resourceTypes)[number];

export const typeUrls = {
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  endpoints: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  routes: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
} as const satisfies Record<ResourceType, string>;

export const typeOfUrl: ReadonlyMap<string, ResourceType> = new Map(resourceTypes.map((type) => [typeUrls[type], type]));

/** What is served, apart from where it comes from. */
export interface ResourceView {
  /** Whether it has all that there is. Until then it is not served. */
  readonly isComplete: boolean;
  /**
   * How far it has read what it shows: a number that grows, and means the same on each replica. Nothing that is shown is of later. Undefined where there is
   * no such number.
   */
  readonly reachedRevision: bigint | undefined;
  get(type: ResourceType, name: string): Resource | undefined;
  /** Those that are listed. */
  all(type: ResourceType): Iterable<Resource>;
  /**
   * What stands for a resource that is not there, towards those who can't be told that it isn't: in the state of the world, endpoints that are gone
   * look like none, and clients would keep them for ever. Undefined where silence will do.
   */
  absent(type: ResourceType, name: string): Resource | undefined;
}

export interface ResourceTraits {
  /** Who may have one of these services may have the resource. */
  readonly services?: readonly string[];
  /** Everybody may have it, whatever it is a part of. Default false. */
  readonly isPublic?: boolean;
  /** Who wants all gets it too; otherwise only who asks for it by its name. Default true. */
  readonly isListed?: boolean;
  /** The revision that had been reached when it came to be as it is. Default: not known. */
  readonly asOf?: bigint | undefined;
}

/** One resource in one state. It is encoded when somebody wants it, once, for all who do. */
export class Resource {
  readonly type: ResourceType;
  readonly name: string;
  /** The resource of endpoints that a client has to be sent again after this one, because Envoy waits for it even if it has it. */
  readonly endpoints: string | undefined;
  readonly services: readonly string[];
  readonly isPublic: boolean;
  readonly isListed: boolean;
  readonly asOf: bigint | undefined;
  readonly #encode: (name: string) => Any;
  #encoded: Encoded | undefined;
  /** The last state that was encoded, until this one is. */
  #before: Past | undefined;
  #history = EditHistory.none;
  #aliases: Map<string, Resource> | undefined;

  constructor(type: ResourceType, name: string, encode: (name: string) => Any, endpoints?: string, traits: ResourceTraits = {}) {
    this.type = type;
    this.name = name;
    this.endpoints = endpoints;
    this.services = traits.services ?? [];
    this.isPublic = traits.isPublic ?? false;
    this.isListed = traits.isListed ?? true;
    this.asOf = traits.asOf;
    this.#encode = encode;
  }

  /** The same under another name, and not listed. */
  alias(name: string): Resource {
    this.#aliases ??= new Map();
    const known = this.#aliases.get(name);
    if (known !== undefined) return known;
    const { services, asOf } = this;
    const alias = new Resource(this.type, name, this.#encode, this.endpoints, { services, isListed: false, asOf });
    this.#aliases.set(name, alias);
    return alias;
  }

  /** To be called when it takes the place of another one: who has that can be told of what has changed. */
  follow(before: Resource): void {
    this.#before = before.#encoded === undefined ? before.#before : { encoded: before.#encoded, history: before.#history };
    for (const [name, alias] of before.#aliases ?? []) this.alias(name).follow(alias);
  }

  /** What made these bytes of those of an earlier version, one change after the other. Undefined where that is not known, or no shorter. */
  editsSince(version: string): readonly (readonly ByteEdit[])[] | undefined {
    this.#get();
    return this.#history.since(version);
  }

  get any(): Any {
    return this.#get().any;
  }

  /** Of its content, so that it is the same on each replica. */
  get version(): string {
    return this.#get().version;
  }

  /** Of name and content: what several have together is told by the sum of theirs, in whichever order they come. */
  get digest(): bigint {
    return this.#get().digest;
  }

  #get(): Encoded {
    if (this.#encoded !== undefined) return this.#encoded;
    const now = encoded(this.name, this.#encode(this.name));
    if (this.#before !== undefined) this.#history = this.#before.history.next(stateOf(this.#before.encoded), stateOf(now));
    this.#before = undefined;
    this.#encoded = now;
    return now;
  }
}

interface Encoded {
  readonly any: Any;
  readonly version: string;
  readonly digest: bigint;
}

/** A state that is no longer served. */
interface Past {
  readonly encoded: Encoded;
  readonly history: EditHistory;
}

function encoded(name: string, any: Any): Encoded {
  const version = createHash("sha256").update(any.value).digest("hex").slice(0, 16);
  return { any, version, digest: createHash("sha256").update(`${name} ${version}`).digest().readBigUInt64LE() };
}

function stateOf({ version, any: { value } }: Encoded) {
  return { version, bytes: Buffer.from(value.buffer, value.byteOffset, value.length) };
}

/** As xDS packs messages into others. */
export function packed<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Any {
  return packedBytes(schema, toBinary(schema, message));
}

/** A message that is encoded already. */
export function packedBytes({ typeName }: DescMessage, value: Uint8Array): Any {
  return create(AnySchema, { typeUrl: `type.googleapis.com/${typeName}`, value });
}
