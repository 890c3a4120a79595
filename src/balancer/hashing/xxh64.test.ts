import { expect, test } from "vitest";
import xxhash from "xxhash-wasm";
import { randomIndex } from "../../random-source.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { Word64 } from "./word64.ts";
import { xxh64 } from "./xxh64.ts";

function hashOf(text: string, seed = 0n): bigint {
  const into = new Word64();
  xxh64(text, into, wordOf(seed));
  return numberOf(into);
}

function wordOf(value: bigint): Word64 {
  return new Word64(Number(value >> 32n), Number(value & 0xffffffffn));
}

function numberOf({ high, low }: Word64): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

test.each([
  ["", 0n, 0xef46db3751d8e999n],
  ["a", 0n, 0xd24ec4f1a98c6e5bn],
  ["abc", 0n, 0x44bc2cf5ad770999n],
  ["xxhash", 0n, 0x32dd38952c4bc720n],
  ["xxhash", 20141025n, 0xb559b98d844e0635n],
  ["Nobody inspects the spammish repetition", 0n, 0xfbcea83c8a378bf1n],
])("agrees with the published hash of %j, seed %s", (text, seed, expected) => {
  expect(hashOf(text, seed)).toBe(expected);
});

test("agrees with xxhash-wasm for 3,000 random texts of any length, with seeds of all 64 bits", async () => {
  const { h64 } = await xxhash();
  const chance = seededRandom(7);
  for (let round = 0; round < 3_000; round += 1) {
    const text = randomText(randomIndex(chance, 130));
    const seed = (BigInt(randomIndex(chance, 2 ** 32)) << 32n) | BigInt(randomIndex(chance, 2 ** 32));
    expect(hashOf(text, seed)).toBe(h64(text, seed));
  }

  function randomText(length: number): string {
    const alphabets = [0x7f, 0x7ff, 0xffff];
    const units = Array.from({ length }, () => randomIndex(chance, alphabets[randomIndex(chance, 3)] as number));
    return String.fromCharCode(...units);
  }
});

test("agrees with xxhash-wasm for texts beyond the scratch buffer", async () => {
  const { h64 } = await xxhash();
  for (const character of ["k", "ä", "€"]) {
    for (const length of [1_365, 1_366, 2_048, 4_096, 100_000])
      expect(hashOf(character.repeat(length))).toBe(h64(character.repeat(length)));
  }
});

test("surrogate pairs are one character, lone ones are U+FFFD, as TextEncoder has it", async () => {
  const { h64Raw } = await xxhash();
  for (const text of ["🦊", "a🦊b", "\ud83e", "\udd8a", "\ud83ea", "\udd8a\ud83e", "x\ud83e\ud83e\udd8a"]) {
    expect(hashOf(text)).toBe(h64Raw(new TextEncoder().encode(text)));
  }
});
