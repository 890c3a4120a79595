import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A message that is encoded already, as a field of another one. */
export function encodedField(number: number, message: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(message).finish();
}
