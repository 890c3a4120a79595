import { fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type ResourcePatch_Step, ResourcePatchSchema } from "../../gen/meshless/discovery/v1/resource_patch_pb.ts";
import { show } from "../../show.ts";

/** By which a client tells a control plane that it takes patches, among the features of its node. */
export const patchFeature = "dev.meshless.resource_patches";

const typeUrl = `type.googleapis.com/${ResourcePatchSchema.typeName}`;
/** As much as a response may have: many small patches must not make more of a resource than could have been sent. */
const maxBytes = 32 * 1024 * 1024;
/** Each is a copy of the resource. Our own control plane goes back 32. */
const maxSteps = 64;

/** Whether a body is not a resource, but what has changed in one. */
export function isPatch(body: Any | undefined): body is Any {
  return body?.typeUrl === typeUrl;
}

/**
 * The resource that a patch makes of the state before.
 *
 * @param before undefined if there is none
 * @throws RangeError that says why it can't be
 */
export function patched({ value }: Any, before: { readonly version: string; readonly bytes: Uint8Array } | undefined): Uint8Array {
  const { baseVersion, steps } = fromBinary(ResourcePatchSchema, value, { readUnknownFields: false });
  if (before === undefined) throw new RangeError(`changes version ${show(baseVersion)}, and none is known`);
  if (before.version !== baseVersion) throw new RangeError(`changes version ${show(baseVersion)}, and ${show(before.version)} is known`);
  if (steps.length > maxSteps) throw new RangeError(`has ${steps.length} steps, and ${maxSteps} are allowed`);
  return steps.reduce(edited, before.bytes);
}

function edited(bytes: Uint8Array, { edits }: ResourcePatch_Step): Uint8Array {
  if (edits.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { keep, drop, add } of edits) {
    parts.push(bytes.subarray(at, at + keep), add);
    at += keep + drop;
    if (at > bytes.length) throw new RangeError(`changes byte ${at} of ${bytes.length}`);
  }
  parts.push(bytes.subarray(at));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > maxBytes) throw new RangeError(`makes ${length} bytes, and ${maxBytes} are allowed`);
  return Buffer.concat(parts, length);
}
