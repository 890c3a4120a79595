import { toBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import * as plane from "../../control-plane/src/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { AdsClient } from "../../src/discovery/xds/ads-client.ts";
import type { AdsOutput, AdsRequest, AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import { clusterKind, endpointsKind, listenerKind, routesKind, type XdsResource } from "../../src/discovery/xds/xds-kinds.ts";
import * as sdk from "../../src/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { StreamDriver } from "../control-plane/stream-driver.ts";
import { decoded } from "./decoded.ts";
import { fuzz } from "./fuzz.ts";

const name = "checkout.shop:8080";
const kinds = [listenerKind, routesKind, clusterKind, endpointsKind];

/** Has asked for one resource of each type. */
function clientOf(variant: AdsVariant): AdsClient<XdsResource> {
  const client = new AdsClient<XdsResource>({ kinds, node: { id: "me" }, random: () => 0.5, variant });
  for (const { typeUrl } of kinds) client.handle({ kind: "subscribe", typeUrl, names: [name] }, 0);
  client.handle({ kind: "opened", stream: 1 }, 0);
  return client;
}

const schemas = {
  delta: { response: sdk.DeltaDiscoveryResponseSchema, request: plane.DeltaDiscoveryRequestSchema, sent: sdk.DeltaDiscoveryRequestSchema },
  sotw: { response: sdk.DiscoveryResponseSchema, request: plane.DiscoveryRequestSchema, sent: sdk.DiscoveryRequestSchema },
} as const;

function sizeOf(request: AdsRequest, variant: AdsVariant): number {
  return toBinary(schemas[variant].sent as typeof sdk.DiscoveryRequestSchema, request as sdk.DiscoveryRequest).length;
}

describe.each(["delta", "sotw"] as const)("whatever comes on a stream, %s", (variant) => {
  it("from a control plane is taken or refused, with an answer of bounded length", async () => {
    const client = clientOf(variant);
    const asked = new Set(kinds.map(({ typeUrl }) => typeUrl));
    await fuzz(`xds-response-${variant}`, (input) => {
      const response = decoded(schemas[variant].response, input);
      if (response === undefined) return;
      const outputs: readonly AdsOutput<XdsResource>[] = client.handle({ kind: "received", stream: 1, response }, 0);
      const sent = outputs.flatMap((output) => (output.kind === "send" ? [output.request] : []));
      expect(sent.length).toBe(asked.has(response.typeUrl) ? 1 : 0);
      for (const request of sent) expect(sizeOf(request, variant)).toBeLessThan(10_000 + input.length);
      for (const output of outputs) if ("name" in output) expect(output.name).toBe(name);
    });
  }, 60_000);

  it("from a client is answered, or ends the stream, and leaves nothing behind", async () => {
    let driver = new StreamDriver({ variant, maxNames: 50 });
    const renew = () => {
      driver.stream.close();
      expect(driver.index.size).toBe(0);
      driver = new StreamDriver({ variant, maxNames: 50 });
      for (const type of ["cluster", "endpoints", "listener", "routes"] as const) driver.set(type, `${name}=1`, "a=1");
    };
    await fuzz(`xds-request-${variant}`, (input) => {
      const request = decoded(schemas[variant].request as typeof plane.DiscoveryRequestSchema, input);
      if (request === undefined) return;
      try {
        driver.stream.request(request);
        // One response of a type is under way at a time.
        for (let left = 5; driver.stream.next() !== undefined; left--) expect(left).toBeGreaterThan(0);
        expect(driver.index.size).toBeLessThanOrEqual(54);
      } catch (error) {
        expect(error).toBeInstanceOf(ConnectError);
        renew();
      }
    });
    renew();
  }, 60_000);
});
