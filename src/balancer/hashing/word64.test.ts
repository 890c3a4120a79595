import { expect, test } from "vitest";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { Word64 } from "./word64.ts";

const MASK = 2n ** 64n - 1n;
const EDGES = [0n, 1n, 0xffffn, 0x10000n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, 2n ** 63n, MASK];

const chance = seededRandom(7);
const words = [
  ...EDGES,
  ...Array.from({ length: 60 }, () => (BigInt(randomIndex(chance, 2 ** 32)) << 32n) | BigInt(randomIndex(chance, 2 ** 32))),
];
const pairs = words.flatMap((a) => words.map((b) => [a, b] as const));

function word(value: bigint): Word64 {
  return new Word64(Number(value >> 32n), Number(value & 0xffffffffn));
}

function value({ high, low }: Word64): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

test("sums and products are those of bigint modulo 2^64", () => {
  for (const [a, b] of pairs) {
    expect(value(word(a).add(word(b)))).toBe((a + b) & MASK);
    expect(value(word(a).multiply(word(b)))).toBe((a * b) & MASK);
    expect(value(word(a).xor(word(b)))).toBe(a ^ b);
  }
});

test("moves and rotates by any number of bits", () => {
  for (const a of words) {
    for (let bits = 1; bits < 64; bits += 1) {
      expect(value(word(a).xorShiftRight(bits))).toBe(a ^ (a >> BigInt(bits)));
      if (bits < 32) expect(value(word(a).rotateLeft(bits))).toBe(((a << BigInt(bits)) | (a >> BigInt(64 - bits))) & MASK);
    }
  }
});

test("top53 keeps the order of unsigned words, and modulo is exact up to 2^26", () => {
  for (const a of words) {
    expect(word(a).top53()).toBe(Number(a >> 11n));
    for (const divisor of [1, 2, 7, 65_537, 5_000_011, 2 ** 26]) expect(word(a).modulo(divisor)).toBe(Number(a % BigInt(divisor)));
  }
});
