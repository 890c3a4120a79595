import * as http2 from "node:http2";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { AdsRequest, AdsResponse, AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import { AggregatedDiscoveryService } from "../../src/gen/envoy/service/discovery/v3/ads_pb.ts";
import { DeltaDiscoveryResponseSchema, DiscoveryResponseSchema } from "../../src/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { listenOnLoopback } from "../support/listen.ts";
import type { Credentials } from "../support/test-pki.ts";
import { Changes } from "../support/until.ts";

export interface AdsServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Of the ways to ask, the one that it knows. Default: incremental. */
  readonly variant?: AdsVariant;
  readonly tls?: Credentials;
}

/** A response as a test words it, whatever the server knows and whoever asked for it. */
export interface SaidResponse {
  readonly typeUrl: string;
  readonly resources?: readonly SaidResource[];
  /** In a delta only. */
  readonly removed?: readonly string[];
  readonly nonce?: string;
  readonly version?: string;
}

export interface SaidResource {
  readonly name: string;
  readonly version?: string;
  readonly body?: Any | undefined;
}

interface Stored {
  readonly version: string;
  readonly body: Any;
}

/** Of all servers: who comes back with the same version has the same resource. */
let versions = 0;

/** A control plane for tests, on a real socket: what is set goes at once to all that asked for it. */
export class AdsServer implements AsyncDisposable {
  /** Every request that came, in order. */
  readonly requests: AdsRequest[] = [];
  readonly #changes = new Changes();
  /** By type and name. */
  readonly #resources: Map<string, Map<string, Stored>>;
  readonly #variant: AdsVariant;
  readonly #server: http2.Http2Server;
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #streams = new Set<ServedStream>();
  port = 0;

  private constructor({ variant = "delta", tls }: AdsServerOptions, resources: Map<string, Map<string, Stored>>) {
    this.#variant = variant;
    this.#resources = resources;
    const handler = connectNodeAdapter({
      routes: ({ service }) =>
        service(AggregatedDiscoveryService, {
          deltaAggregatedResources: (requests) => this.#serve("delta", requests) as never,
          streamAggregatedResources: (requests) => this.#serve("sotw", requests) as never,
        }),
    });
    this.#server = tls ? http2.createSecureServer({ ...tls }, handler) : http2.createServer(handler);
    this.#server.on("session", (session) => {
      this.#sessions.add(session.on("close", () => this.#sessions.delete(session)));
    });
  }

  /** @param from whose resources it has from the start, as a server that comes back has */
  static async start(options: AdsServerOptions = {}, from?: AdsServer): Promise<AdsServer> {
    const server = new AdsServer(options, from === undefined ? new Map() : from.#resources);
    server.port = await listenOnLoopback(server.#server, options.port);
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  until(condition: () => boolean): Promise<void> {
    return this.#changes.until(condition);
  }

  set<Desc extends DescMessage>(schema: Desc, name: string, init: MessageInitShape<Desc>): void {
    const typeUrl = `type.googleapis.com/${schema.typeName}`;
    const body = create(AnySchema, { typeUrl, value: toBinary(schema, create(schema, init)) });
    this.#typed(typeUrl).set(name, { version: `v${++versions}`, body });
    for (const stream of this.#streams) stream.push(typeUrl, [name]);
  }

  remove({ typeName }: DescMessage, name: string): void {
    const typeUrl = `type.googleapis.com/${typeName}`;
    this.#typed(typeUrl).delete(name);
    for (const stream of this.#streams) stream.push(typeUrl, [name]);
  }

  /** Says this on each stream. What the server knows stays as it is. */
  say(response: SaidResponse): void {
    for (const stream of this.#streams) stream.say(response);
  }

  /** Dies as a killed process does. */
  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const stream of this.#streams) stream.end();
    for (const session of this.#sessions) session.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.kill();
  }

  #typed(typeUrl: string): Map<string, Stored> {
    const typed = this.#resources.get(typeUrl) ?? new Map<string, Stored>();
    this.#resources.set(typeUrl, typed);
    return typed;
  }

  async *#serve(variant: AdsVariant, requests: AsyncIterable<AdsRequest>): AsyncIterable<AdsResponse> {
    if (variant !== this.#variant) throw new ConnectError("no such variant", Code.Unimplemented);
    const stream = new ServedStream(variant, (typeUrl, name) => this.#typed(typeUrl).get(name));
    this.#streams.add(stream);
    this.#changes.announce();
    void this.#read(stream, requests);
    try {
      yield* stream.responses();
    } finally {
      this.#streams.delete(stream);
      this.#changes.announce();
    }
  }

  async #read(stream: ServedStream, requests: AsyncIterable<AdsRequest>): Promise<void> {
    try {
      for await (const request of requests) {
        this.requests.push(request);
        stream.request(request);
        this.#changes.announce();
      }
    } catch {
      // The client is gone.
    }
    stream.end();
  }
}

/** One client's stream. */
class ServedStream {
  readonly #variant: AdsVariant;
  readonly #find: (typeUrl: string, name: string) => Stored | undefined;
  readonly #names = new Map<string, Set<string>>();
  readonly #waiting: AdsResponse[] = [];
  #wake: (() => void) | undefined;
  #isEnded = false;
  #nonces = 0;

  constructor(variant: AdsVariant, find: (typeUrl: string, name: string) => Stored | undefined) {
    this.#variant = variant;
    this.#find = find;
  }

  request(request: AdsRequest): void {
    const names = this.#names.get(request.typeUrl) ?? new Set<string>();
    this.#names.set(request.typeUrl, names);
    if (request.$typeName === "envoy.service.discovery.v3.DeltaDiscoveryRequest") {
      for (const name of request.resourceNamesUnsubscribe) names.delete(name);
      for (const name of request.resourceNamesSubscribe) names.add(name);
      const { initialResourceVersions: versions } = request;
      const due = request.resourceNamesSubscribe.filter(
        (name) => versions[name] !== this.#find(request.typeUrl, name)?.version || !versions[name],
      );
      if (request.resourceNamesSubscribe.length > 0) this.#respond(request.typeUrl, due);
    } else {
      const added = request.resourceNames.filter((name) => !names.has(name));
      names.clear();
      for (const name of request.resourceNames) names.add(name);
      if (added.length > 0) this.#respond(request.typeUrl, added);
    }
  }

  push(typeUrl: string, changed: readonly string[]): void {
    const due = changed.filter((name) => this.#names.get(typeUrl)?.has(name));
    if (due.length > 0) this.#respond(typeUrl, due);
  }

  say({ typeUrl, resources = [], removed = [], nonce = `said ${++this.#nonces}`, version = "said" }: SaidResponse): void {
    if (this.#variant === "delta") {
      const named = resources.map(({ name, version = `v${++versions}`, body }) => ({ name, version, ...(body && { resource: body }) }));
      this.#waiting.push(
        create(DeltaDiscoveryResponseSchema, {
          typeUrl,
          nonce,
          systemVersionInfo: version,
          resources: named,
          removedResources: [...removed],
        }),
      );
    } else {
      const bodies = resources.map(({ body }) => body ?? create(AnySchema));
      this.#waiting.push(create(DiscoveryResponseSchema, { typeUrl, nonce, versionInfo: version, resources: bodies }));
    }
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async *responses(): AsyncIterable<AdsResponse> {
    while (!this.#isEnded) {
      const response = this.#waiting.shift();
      if (response !== undefined) yield response;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #respond(typeUrl: string, due: readonly string[]): void {
    const nonce = `${++this.#nonces}`;
    const removedResources = due.filter((name) => this.#find(typeUrl, name) === undefined);
    if (this.#variant === "delta") {
      const resources = due.flatMap((name) => {
        const found = this.#find(typeUrl, name);
        return found === undefined ? [] : [{ name, version: found.version, resource: found.body }];
      });
      this.#waiting.push(create(DeltaDiscoveryResponseSchema, { typeUrl, nonce, resources, removedResources }));
    } else {
      const all = [...(this.#names.get(typeUrl) ?? [])].flatMap((name) => this.#find(typeUrl, name)?.body ?? []);
      this.#waiting.push(create(DiscoveryResponseSchema, { typeUrl, nonce, versionInfo: nonce, resources: all }));
    }
    this.#wake?.();
  }
}
