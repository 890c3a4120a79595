import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { ByteEdit } from "../byte-edits.ts";
import type { Node } from "../gen/envoy/config/core/v3/base_pb.ts";
import { ResourcePatchSchema } from "../gen/meshless/discovery/v1/resource_patch_pb.ts";
import { packed, type Resource } from "../resource.ts";
import { type DatedVersion, datedText } from "./dated-version.ts";

const feature = "dev.meshless.resource_patches";

/** Only our own clients do. */
export function takesPatches(node: Node | undefined): boolean {
  return node?.clientFeatures.includes(feature) ?? false;
}

/** By resource and the version that is changed: many clients share each. Beyond so many versions they are made anew. */
const known = new WeakMap<Resource, Map<string, Any>>();
const maxKnown = 64;

/** What makes a resource of the state that a client has. Undefined where it had better be sent whole. */
export function resourcePatch(resource: Resource, told: DatedVersion): Any | undefined {
  const steps = resource.editsSince(told.version);
  if (steps === undefined) return undefined;
  const patches = known.get(resource) ?? new Map<string, Any>();
  known.set(resource, patches);
  const baseVersion = datedText(told);
  const patch = patches.get(baseVersion) ?? packedPatch(baseVersion, steps);
  if (patches.size < maxKnown) patches.set(baseVersion, patch);
  return patch;
}

function packedPatch(baseVersion: string, steps: readonly (readonly ByteEdit[])[]): Any {
  return packed(ResourcePatchSchema, create(ResourcePatchSchema, { baseVersion, steps: steps.map((edits) => ({ edits: [...edits] })) }));
}
