import { type RandomSource, randomIndex } from "../../src/random-source.ts";

/** Bytes that parsers trip over: limits of lengths and signs, separators, and continuation bits. */
const interesting = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0xff, 0x2c, 0x2f, 0x3a, 0x3d, 0x40, 0x5b, 0x5d];

type Mutation = (bytes: Buffer, other: Buffer, random: RandomSource) => Buffer;

const mutations: readonly Mutation[] = [
  function flipBit(bytes, _, random) {
    return replaced(bytes, random, (byte) => byte ^ (1 << randomIndex(random, 8)));
  },
  function setByte(bytes, _, random) {
    return replaced(bytes, random, () => interesting[randomIndex(random, interesting.length)] as number);
  },
  function insert(bytes, _, random) {
    const at = randomIndex(random, bytes.length + 1);
    const inserted = Buffer.from(Array.from({ length: 1 + randomIndex(random, 8) }, () => randomIndex(random, 256)));
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
  },
  function cutOut(bytes, _, random) {
    const at = randomIndex(random, bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + randomIndex(random, 16))]);
  },
  function truncate(bytes, _, random) {
    return bytes.subarray(0, randomIndex(random, bytes.length + 1));
  },
  function repeatPart(bytes, _, random) {
    const at = randomIndex(random, bytes.length + 1);
    const part = bytes.subarray(at, at + 1 + randomIndex(random, 64));
    return Buffer.concat([bytes.subarray(0, at), part, part, bytes.subarray(at)]);
  },
  function splice(bytes, other, random) {
    return Buffer.concat([bytes.subarray(0, randomIndex(random, bytes.length + 1)), other.subarray(randomIndex(random, other.length + 1))]);
  },
];

/** One to four changes to an input of the corpus. */
export function mutate(corpus: readonly Buffer[], random: RandomSource): Buffer {
  const draw = () => corpus[randomIndex(random, corpus.length)] as Buffer;
  let bytes = draw();
  for (let left = 1 + randomIndex(random, 4); left > 0; left--) {
    bytes = (mutations[randomIndex(random, mutations.length)] as Mutation)(bytes, draw(), random);
  }
  return bytes;
}

function replaced(bytes: Buffer, random: RandomSource, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  const at = randomIndex(random, copy.length);
  copy[at] = change(copy[at] as number);
  return copy;
}
