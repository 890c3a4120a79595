import type { Compression } from "@connectrpc/connect/protocol";

/** Before each message: a byte of flags, and its length in four. */
export const prefixBytes = 5;

export const compressedFlag = 1;

/** A copy: what is received shares its memory with all that came in one read, and the `bytes` of a message would hold on to it; nor is it a `Buffer`, as that is. */
export function copyOf(bytes: Uint8Array, from: number, to = bytes.length): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(to - from);
  copy.set(bytes.subarray(from, to));
  return copy;
}

/** The length in the prefix at that place, which must be there as a whole. */
export function lengthAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at + 1, 4).getUint32(0);
}

/** What an encoding is read with, by its name; undefined for none. */
export function knownEncodings(accepted: readonly Compression[]): ReadonlyMap<string, Compression | undefined> {
  return new Map([["identity", undefined], ...accepted.map((compression) => [compression.name, compression] as const)]);
}

export function withPrefix(message: Uint8Array, isCompressed: boolean): Uint8Array {
  const bytes = new Uint8Array(prefixBytes + message.length);
  bytes[0] = isCompressed ? compressedFlag : 0;
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, prefixBytes);
  return bytes;
}
