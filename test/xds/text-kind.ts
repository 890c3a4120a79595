import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import type { ResourceKind } from "../../src/discovery/xds/resource-kind.ts";
import { clusterKind, endpointsKind, routesKind } from "../../src/discovery/xds/xds-kinds.ts";

/** A kind of resources for tests of the protocol alone: a resource is the text `name=value` and lines that mean nothing; a value that begins with `bad` is bad. */
function textKind({ typeUrl, comesWhole }: ResourceKind<unknown>): ResourceKind<string> {
  return {
    typeUrl,
    comesWhole,
    read(bytes) {
      const [, name, value = ""] = /^([^=]*)=([^\n]*)/.exec(Buffer.from(bytes).toString()) ?? [];
      if (name === undefined) return { kind: "bad", name: undefined, problems: ["can't be read"] };
      return value.startsWith("bad") ? { kind: "bad", name, problems: [`is ${value}`] } : { kind: "good", name, value };
    },
  };
}

export const clusters = textKind(clusterKind);
export const endpoints = textKind(endpointsKind);
export const textKinds = [clusters, endpoints, textKind(routesKind)] as const;

/** @param text `name=value` */
export function textResource({ typeUrl }: ResourceKind<string>, text: string): Any {
  return create(AnySchema, { typeUrl, value: Buffer.from(text) });
}
