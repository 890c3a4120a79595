import type { Http2ServerRequest, ServerHttp2Stream } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { createContextValues, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { DeltaDiscoveryResponseSchema, DiscoveryResponseSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { AdsResponse } from "./ads-message.ts";
import { sharingBytes, withAppendix } from "./shared-bytes.ts";

const bodies = ["one", "two"].map((text) => create(AnySchema, { typeUrl: "test", value: Buffer.from(text.repeat(100)) }));

const delta = create(DeltaDiscoveryResponseSchema, {
  typeUrl: "test",
  nonce: "7",
  removedResources: ["gone"],
  resources: bodies.map((resource, index) => ({ name: `r${index}`, version: "1", resource })),
});
const sotw = create(DiscoveryResponseSchema, { typeUrl: "test", nonce: "7", versionInfo: "1", resources: bodies });

/** What a stream of this type writes when it is given the response, as Connect does it: encoded, and with a prefix. */
async function written(response: AdsResponse, contentType: string): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const stream = { write: (chunk: Uint8Array) => chunks.push(chunk) > 0, cork() {}, uncork() {} } as unknown as ServerHttp2Stream;
  const request = { stream, headers: { "content-type": contentType } } as unknown as Http2ServerRequest;
  const context = { values: withAppendix(createContextValues(), request) } as HandlerContext;
  for await (const rest of sharingBytes(one(response), context)) {
    const message = "versionInfo" in rest ? toBinary(DiscoveryResponseSchema, rest) : toBinary(DeltaDiscoveryResponseSchema, rest);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.write(Buffer.concat([prefix, message]));
  }
  return chunks;
}

async function* one(response: AdsResponse): AsyncGenerator<AdsResponse> {
  yield response;
}

function messageOf(chunks: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(chunks);
  expect(bytes.readUInt32BE(1)).toBe(bytes.length - 5);
  return bytes.subarray(5);
}

describe("the responses of gRPC's streams", () => {
  it("are whole, in either variant, though their resources are written apart", async () => {
    expect(fromBinary(DeltaDiscoveryResponseSchema, messageOf(await written(delta, "application/grpc")))).toEqual(delta);
    expect(fromBinary(DiscoveryResponseSchema, messageOf(await written(sotw, "application/grpc+proto")))).toEqual(sotw);
  });

  it("have resources whose bytes all streams share", async () => {
    const [, ...some] = await written(delta, "application/grpc");
    const [, ...others] = await written(create(DeltaDiscoveryResponseSchema, { ...delta, nonce: "8" }), "application/grpc");
    expect(some).toHaveLength(2);
    expect(some.every((bytes, index) => bytes === others[index])).toBe(true);
  });

  it.each(["application/grpc-web", "application/connect+proto", "application/grpc+json"])("stay as they are in %s", async (type) => {
    const chunks = await written(delta, type);
    expect(chunks).toHaveLength(1);
    expect(fromBinary(DeltaDiscoveryResponseSchema, messageOf(chunks))).toEqual(delta);
  });
});
