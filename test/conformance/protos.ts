import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createFileRegistry, type FileRegistry, fromBinary, type Message } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { findPeer } from "../../scripts/peers.ts";
import type { ConformanceService } from "./messages.ts";

/** The runner's messages, by name: for `Any`, and for JSON. */
export const registry: FileRegistry = readRegistry();

export const conformanceService = registry.getService("connectrpc.conformance.v1.ConformanceService") as unknown as ConformanceService;

/** @throws Error when the runner has no such message */
export function schemaOf<Shape extends Message>(typeName: Shape["$typeName"]): GenMessage<Shape> {
  const schema = registry.getMessage(typeName);
  if (schema === undefined) throw new Error(`the conformance runner has no message ${typeName}: compare the pin in scripts/peers.ts`);
  return schema as unknown as GenMessage<Shape>;
}

function readRegistry(): FileRegistry {
  const folder = findPeer("connectconformance");
  if (folder === undefined) throw new Error("the conformance runner is missing: run `npm run peers`");
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(join(folder, "descriptors.binpb"))));
}
