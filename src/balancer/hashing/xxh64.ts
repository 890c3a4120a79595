import { encodeUtf8 } from "./utf8.ts";
import { Word64 } from "./word64.ts";

const PRIME_1 = new Word64(0x9e3779b1, 0x85ebca87);
const MINUS_PRIME_1 = new Word64(0x61c8864e, 0x7a143579);
const PRIME_2 = new Word64(0xc2b2ae3d, 0x27d4eb4f);
const PRIME_3 = new Word64(0x165667b1, 0x9e3779f9);
const PRIME_4 = new Word64(0x85ebca77, 0xc2b2ae63);
const PRIME_5 = new Word64(0x27d4eb2f, 0x165667c5);
const STRIPE_BYTES = 32;

// Hashing is synchronous and calls nobody, so one set of scratch words serves all: a hash for each call allocates nothing.
const lanes = [new Word64(), new Word64(), new Word64(), new Word64()] as const;
const operand = new Word64();
const noSeed = new Word64();
const bytes = new Uint8Array(4_096);
const view = new DataView(bytes.buffer);
const encoder = new TextEncoder();

/**
 * XXH64 of the text in UTF-8, as Envoy and gRPC hash keys and endpoints.
 *
 * @param into gets the hash, and is returned
 * @param seed none is 0; not `into`
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
export function xxh64(text: string, into: Word64, seed: Word64 = noSeed): Word64 {
  const length = encodeUtf8(text, bytes);
  if (length >= 0) return hash(view, length, seed, into);
  const { buffer, byteLength } = encoder.encode(text);
  return hash(new DataView(buffer), byteLength, seed, into);
}

function hash(data: DataView, length: number, seed: Word64, into: Word64): Word64 {
  let offset = 0;
  if (length < STRIPE_BYTES) into.copy(seed).add(PRIME_5);
  else offset = hashStripes(data, length, seed, into);
  into.add(operand.set(0, length));
  for (; offset + 8 <= length; offset += 8) {
    into
      .xor(scramble(readWord(data, offset)))
      .rotateLeft(27)
      .multiply(PRIME_1)
      .add(PRIME_4);
  }
  if (offset + 4 <= length) {
    operand.set(0, data.getInt32(offset, true));
    into.xor(operand.multiply(PRIME_1)).rotateLeft(23).multiply(PRIME_2).add(PRIME_3);
    offset += 4;
  }
  for (; offset < length; offset += 1) {
    operand.set(0, data.getUint8(offset));
    into.xor(operand.multiply(PRIME_5)).rotateLeft(11).multiply(PRIME_1);
  }
  return into.xorShiftRight(33).multiply(PRIME_2).xorShiftRight(29).multiply(PRIME_3).xorShiftRight(32);
}

/** Takes in all whole stripes of four words, each word on a lane of its own, and joins the lanes. @returns where the rest begins */
function hashStripes(data: DataView, length: number, seed: Word64, into: Word64): number {
  const [first, second, third, fourth] = lanes;
  first.copy(seed).add(PRIME_1).add(PRIME_2);
  second.copy(seed).add(PRIME_2);
  third.copy(seed);
  fourth.copy(seed).add(MINUS_PRIME_1);
  const end = length - (length % STRIPE_BYTES);
  for (let offset = 0; offset < end; offset += 8) {
    const lane = lanes[(offset >>> 3) & 3] as Word64;
    lane.add(readWord(data, offset).multiply(PRIME_2)).rotateLeft(31).multiply(PRIME_1);
  }
  into.copy(first).rotateLeft(1);
  into.add(operand.copy(second).rotateLeft(7)).add(operand.copy(third).rotateLeft(12)).add(operand.copy(fourth).rotateLeft(18));
  for (const lane of lanes) into.xor(scramble(lane)).multiply(PRIME_1).add(PRIME_4);
  return end;
}

/** @returns the scratch word, until it is used again */
function readWord(data: DataView, offset: number): Word64 {
  return operand.set(data.getInt32(offset + 4, true), data.getInt32(offset, true));
}

function scramble(word: Word64): Word64 {
  return word.multiply(PRIME_2).rotateLeft(31).multiply(PRIME_1);
}
