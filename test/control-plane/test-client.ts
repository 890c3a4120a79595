import type { SecureClientSessionOptions } from "node:http2";
import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { NodeSchema } from "../../control-plane/src/gen/envoy/config/core/v3/base_pb.ts";
import { ClusterLoadAssignmentSchema } from "../../control-plane/src/gen/envoy/config/endpoint/v3/endpoint_pb.ts";
import { AggregatedDiscoveryService } from "../../control-plane/src/gen/envoy/service/discovery/v3/ads_pb.ts";
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  type DiscoveryRequest,
  DiscoveryRequestSchema,
  type DiscoveryResponse,
} from "../../control-plane/src/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { EndpointDiscoveryService } from "../../control-plane/src/gen/envoy/service/endpoint/v3/eds_pb.ts";
import { typeUrls } from "../../control-plane/src/resource.ts";

/** For tests over sockets: a client that asks for endpoints, accepts what comes unless it is told to refuse it, and reads as texts such as `a.b:80=10.0.0.1`. */
export class TestClient {
  /** Who it says that it is. */
  node: MessageInitShape<typeof NodeSchema> = { id: "test" };
  /** Why it refuses what comes from now on. */
  refusal: string | undefined;
  readonly #ads: Client<typeof AggregatedDiscoveryService>;
  readonly #eds: Client<typeof EndpointDiscoveryService>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #abort = new AbortController();

  /**
   * @param tls what to trust, and what to show; default: without TLS
   * @param token shown as `Authorization: Bearer`; default: none
   */
  constructor(port: number, tls?: SecureClientSessionOptions, token?: string) {
    const baseUrl = `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
    const transport = createGrpcTransport({ baseUrl, ...(tls && { nodeOptions: tls }) });
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#ads = createClient(AggregatedDiscoveryService, transport);
    this.#eds = createClient(EndpointDiscoveryService, transport);
  }

  /** One text for each response. */
  async *delta(isAggregated: boolean, ...names: readonly string[]): AsyncGenerator<string> {
    const requests = new Outbox<DeltaDiscoveryRequest>();
    const options = this.#options();
    const responses = isAggregated ? this.#ads.deltaAggregatedResources(requests, options) : this.#eds.deltaEndpoints(requests, options);
    const typeUrl = typeUrls.endpoints;
    requests.push(create(DeltaDiscoveryRequestSchema, { node: this.node, typeUrl, resourceNamesSubscribe: [...names] }));
    for await (const response of responses) {
      requests.push(create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce: response.nonce, ...this.#answer() }));
      yield textOf(response);
    }
  }

  async *sotw(isAggregated: boolean, ...names: readonly string[]): AsyncGenerator<string> {
    const requests = new Outbox<DiscoveryRequest>();
    const options = this.#options();
    const responses = isAggregated ? this.#ads.streamAggregatedResources(requests, options) : this.#eds.streamEndpoints(requests, options);
    const ask = { typeUrl: typeUrls.endpoints, resourceNames: [...names] };
    requests.push(create(DiscoveryRequestSchema, { node: this.node, ...ask }));
    for await (const response of responses) {
      const { nonce: responseNonce, versionInfo } = response;
      requests.push(create(DiscoveryRequestSchema, { ...ask, responseNonce, versionInfo, ...this.#answer() }));
      yield textOf(response);
    }
  }

  #answer() {
    return this.refusal === undefined ? {} : { errorDetail: { message: this.refusal } };
  }

  #options(): CallOptions {
    return { signal: this.#abort.signal, headers: this.#headers };
  }

  cancel(): void {
    this.#abort.abort();
  }
}

/** What is to be sent, as it comes. */
class Outbox<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #wake: (() => void) | undefined;

  push(message: T): void {
    this.#waiting.push(message);
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

function textOf(response: DeltaDiscoveryResponse | DiscoveryResponse): string {
  const bodies = "versionInfo" in response ? response.resources : response.resources.map(({ resource }) => resource);
  const texts = bodies.map((body) => {
    const { clusterName, endpoints } = fromBinary(ClusterLoadAssignmentSchema, body?.value ?? new Uint8Array());
    const addresses = endpoints.flatMap(({ lbEndpoints }) =>
      lbEndpoints.map((each) => each.hostIdentifier.value?.address?.address.value?.address),
    );
    return `${clusterName}=${addresses.join()}`;
  });
  const removed = "removedResources" in response ? response.removedResources.map((name) => `-${name}`) : [];
  return [...texts, ...removed].join(" ");
}
