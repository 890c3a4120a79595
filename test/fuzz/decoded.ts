import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";

/** Undefined for what is no message: that ends a stream before anybody sees it. */
export function decoded<Desc extends DescMessage>(schema: Desc, input: Uint8Array): MessageShape<Desc> | undefined {
  try {
    return fromBinary(schema, input);
  } catch {
    return undefined;
  }
}
