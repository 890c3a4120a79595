import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";

/** The message as a server sends it, packed into another one. */
export function packed<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Any {
  return anyPack(schema, create(schema, init));
}

/** What a client reads of a message; throws if it refuses it. */
export function readGood<Desc extends DescMessage, Value>(kind: ResourceKind<Value>, schema: Desc, init: MessageInitShape<Desc>): Value {
  const reading = kind.read(toBinary(schema, create(schema, init)));
  if (reading.kind === "bad") throw new Error(reading.problems.join("\n"));
  return reading.value;
}

/** What is wrong with a message. */
export function problemsOf<Desc extends DescMessage>(
  kind: ResourceKind<unknown>,
  schema: Desc,
  init: MessageInitShape<Desc>,
): readonly string[] {
  const reading = kind.read(toBinary(schema, create(schema, init)));
  return reading.kind === "bad" ? reading.problems : [];
}
