import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest, ServerHttp2Stream } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { type ContextValues, createContextKey, type HandlerContext } from "@connectrpc/connect";
import { encodedField } from "../encoded-field.ts";
import { DeltaDiscoveryResponseSchema, DiscoveryResponseSchema, ResourceSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { AdsResponse } from "./ads-message.ts";

const key = createContextKey<Appendix | undefined>(undefined, { description: "what goes with the next message of a stream" });
/** Of gRPC with messages in their binary form, where what stands behind a message becomes a part of it. */
const grpcTypes = new Set(["application/grpc", "application/grpc+proto"]);
const prefixBytes = 5;

/**
 * Each stream would copy the resources of its responses three times, and hold the last copies until its next response: with a service of 10,000 endpoints a
 * megabyte for each stream. So they are encoded once, and the stream writes the bytes that all streams share behind a response that has all the rest: in
 * protobuf, a message may come in parts.
 */
export async function* sharingBytes(responses: AsyncIterable<AdsResponse>, { values }: HandlerContext): AsyncGenerator<AdsResponse> {
  const appendix = values.get(key);
  for await (const response of responses) yield appendix === undefined ? response : appendix.take(response);
}

/** To be given to the handlers of the request. */
export function withAppendix(values: ContextValues, request: Http2ServerRequest | IncomingMessage): ContextValues {
  const isGrpc = "stream" in request && grpcTypes.has(request.headers["content-type"] ?? "");
  return isGrpc ? values.set(key, new Appendix(request.stream)) : values;
}

class Appendix {
  #resources: readonly Uint8Array[] = [];

  constructor(stream: ServerHttp2Stream) {
    const { write } = stream;
    const writeChunk = (...args: readonly unknown[]): boolean => Reflect.apply(write, stream, args);
    const writeAll = (chunk: Uint8Array, ...rest: readonly unknown[]): boolean => {
      const resources = this.#resources;
      if (resources.length === 0) return writeChunk(chunk, ...rest);
      this.#resources = [];
      stream.cork();
      writeChunk(lengthened(chunk, resources));
      for (const bytes of resources.slice(0, -1)) writeChunk(bytes);
      const wantsMore = writeChunk(resources.at(-1), ...rest);
      stream.uncork();
      return wantsMore;
    };
    Object.assign(stream, { write: writeAll });
  }

  /** @returns the response without its resources, which are to follow it: it has to be the next message that is written */
  take(response: AdsResponse): AdsResponse {
    this.#resources = encodedResources(response);
    const rest = { ...response, resources: [] };
    return "versionInfo" in rest ? create(DiscoveryResponseSchema, rest) : create(DeltaDiscoveryResponseSchema, rest);
  }
}

/** The message with its length, of which more is to come. */
function lengthened(message: Uint8Array, rest: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.from(message);
  bytes.writeUInt32BE(bytes.length - prefixBytes + rest.reduce((sum, { length }) => sum + length, 0), 1);
  return bytes;
}

/** By the body that all streams have of a resource; how it stands in a response depends on the variant. */
const encoded = { delta: new WeakMap<Any, Uint8Array>(), sotw: new WeakMap<Any, Uint8Array>() };

function encodedResources(response: AdsResponse): readonly Uint8Array[] {
  if ("versionInfo" in response) {
    const { number } = DiscoveryResponseSchema.field.resources;
    return response.resources.map((body) => once(encoded.sotw, body, () => encodedField(number, toBinary(AnySchema, body))));
  }
  const { number } = DeltaDiscoveryResponseSchema.field.resources;
  return response.resources.map((resource) => {
    const encode = () => encodedField(number, toBinary(ResourceSchema, resource));
    return resource.resource === undefined ? encode() : once(encoded.delta, resource.resource, encode);
  });
}

function once(known: WeakMap<Any, Uint8Array>, body: Any, encode: () => Uint8Array): Uint8Array {
  const bytes = known.get(body) ?? encode();
  known.set(body, bytes);
  return bytes;
}
