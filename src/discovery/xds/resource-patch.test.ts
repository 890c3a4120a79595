import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { endpoints, textKinds, textResource } from "../../../test/xds/text-kind.ts";
import { DeltaDiscoveryResponseSchema, DiscoveryResponseSchema } from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { type ResourcePatch_EditSchema, ResourcePatchSchema } from "../../gen/meshless/discovery/v1/resource_patch_pb.ts";
import { AdsClient } from "./ads-client.ts";
import type { AdsOutput, AdsVariant } from "./ads-event.ts";
import { patchFeature } from "./resource-patch.ts";

type Edits = readonly MessageInitShape<typeof ResourcePatch_EditSchema>[];

const { typeUrl } = endpoints;

function patch(baseVersion: string, ...steps: readonly Edits[]) {
  return anyPack(ResourcePatchSchema, create(ResourcePatchSchema, { baseVersion, steps: steps.map((edits) => ({ edits: [...edits] })) }));
}

/** A client that wants `a` and `b`, with what it hears and what it answers. */
function newClient(variant: AdsVariant = "delta") {
  const client = new AdsClient<string>({
    kinds: textKinds,
    node: { id: "me", clientFeatures: [patchFeature] },
    random: () => 0.5,
    variant,
  });
  client.handle({ kind: "subscribe", typeUrl, names: ["a", "b"] }, 0);
  client.handle({ kind: "opened", stream: 1 }, 0);
  const told = (outputs: readonly AdsOutput<string>[]) =>
    outputs.flatMap((output) => {
      if (output.kind === "send") return [output.request.errorDetail?.message ?? "accepted"];
      return output.kind === "found" ? [`${output.name}=${output.value}`] : [];
    });
  const receive = (name: string, version: string, resource: ReturnType<typeof patch>) => {
    const resources = [{ name, version, resource }];
    const response = create(DeltaDiscoveryResponseSchema, { typeUrl, nonce: version, resources });
    return told(client.handle({ kind: "received", stream: 1, response }, 0));
  };
  return { client, told, receive };
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe("what has changed in a resource", () => {
  it("makes the next state of the one that the client has, in one step or several", () => {
    const { receive } = newClient();
    receive("a", "1", textResource(endpoints, "a=one two three"));
    expect(receive("a", "2", patch("1", [{ keep: 6, drop: 3, add: bytes("2") }]))).toEqual(["accepted", "a=one 2 three"]);
    const [front, back] = [[{ keep: 2, drop: 3, add: bytes("1") }], [{ keep: 6, drop: 5 }, { add: bytes("3") }]] as const;
    expect(receive("a", "4", patch("2", front, back))).toEqual(["accepted", "a=1 2 3"]);
    expect(receive("a", "5", patch("4"))).toEqual(["accepted"]);
  });

  it.each([
    ["of another version", patch("0", []), 'changes version "0", and "1" is known'],
    ["beyond its end", patch("1", [{ keep: 4, drop: 4_000_000_000 }]), "changes byte 4000000004 of 5"],
    ["in too many steps", patch("1", ...Array.from({ length: 65 }, () => [])), "has 65 steps, and 64 are allowed"],
    ["that is no patch", { ...patch("1"), value: bytes("x") }, "invalid|illegal|premature|Offset"],
  ])("%s is refused, and the last good state stays", (_, body, problem) => {
    const { client, receive } = newClient();
    receive("a", "1", textResource(endpoints, "a=one"));
    expect(receive("a", "2", body)).toEqual([expect.stringMatching(new RegExp(`^1 of 1 resources .*"a": .*(${problem})`))]);
    expect(client.resource(typeUrl, "a")).toMatchObject({ knowledge: { value: "one", version: "1" }, problems: [] });
    expect(receive("a", "2", textResource(endpoints, "a=two"))).toEqual(["accepted", "a=two"]);
  });

  it("can't be used where nothing is known, and nobody is told but who sent it", () => {
    const { client, receive } = newClient();
    expect(receive("b", "2", patch("1", []))).toEqual([expect.stringContaining('changes version "1", and none is known')]);
    expect(client.resource(typeUrl, "b")?.knowledge.kind).toBe("requested");
    expect(receive("c", "2", patch("1", []))).toEqual(["accepted"]);
  });

  it("is refused as any resource is whose content is bad", () => {
    const { receive } = newClient();
    receive("a", "1", textResource(endpoints, "a=one"));
    expect(receive("a", "2", patch("1", [{ keep: 2, add: bytes("bad ") }]))).toEqual([expect.stringContaining("is bad one")]);
  });

  it("does not grow a resource beyond what a response may have", () => {
    const { receive } = newClient();
    receive("a", "1", textResource(endpoints, `a=${"x".repeat(31 * 1024 * 1024)}`));
    const more = bytes("y".repeat(2 * 1024 * 1024));
    expect(receive("a", "2", patch("1", [{ add: more }]))).toEqual([expect.stringContaining("and 33554432 are allowed")]);
  });

  it("has no place in the state of the world", () => {
    const { client, told } = newClient("sotw");
    const response = create(DiscoveryResponseSchema, { typeUrl, nonce: "1", versionInfo: "1", resources: [patch("1", [])] });
    const answers = told(client.handle({ kind: "received", stream: 1, response }, 0));
    expect(answers).toEqual([expect.stringContaining("ResourcePatch")]);
  });
});
