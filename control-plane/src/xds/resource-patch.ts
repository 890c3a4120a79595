import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Node } from "../gen/envoy/config/core/v3/base_pb.ts";
import { ResourcePatchSchema } from "../gen/meshless/discovery/v1/resource_patch_pb.ts";
import { packed, type Resource } from "../resource.ts";
import { type DatedVersion, datedText } from "./dated-version.ts";

const feature = "dev.meshless.resource_patches";

/** Only our own clients do. */
export function takesPatches(node: Node | undefined): boolean {
  return node?.clientFeatures.includes(feature) ?? false;
}

/** By resource, towards those who have the state before: most of them. */
const last = new WeakMap<Resource, { readonly base: string; readonly patch: Any }>();

/** What makes a resource of the state that a client has. Undefined where it had better be sent whole. */
export function resourcePatch(resource: Resource, told: DatedVersion): Any | undefined {
  const steps = resource.editsSince(told.version);
  if (steps === undefined) return undefined;
  const base = datedText(told);
  const known = last.get(resource);
  if (known?.base === base) return known.patch;
  const message = create(ResourcePatchSchema, { baseVersion: base, steps: steps.map((edits) => ({ edits: [...edits] })) });
  const patch = packed(ResourcePatchSchema, message);
  last.set(resource, { base, patch });
  return patch;
}
