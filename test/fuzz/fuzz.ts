import { readFileSync } from "node:fs";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { mutate } from "./mutate.ts";

/** Mutated inputs per parser: short in CI; a longer hunt is `MESHLESS_FUZZ_RUNS=1000000 npm test -- test/fuzz`. */
const runs = Number(process.env.MESHLESS_FUZZ_RUNS ?? 20_000);
/** For one input, on a machine that is busy with others. */
const longestMs = 2_000;
/** Another seed is another hunt. */
const seed = Number(process.env.MESHLESS_SEED ?? 7);

/**
 * Feeds a parser every input of its corpus, and many changed ones. The parser's test throws where a promise is broken; the input
 * is then shown as it belongs into the corpus.
 *
 * @param name of a file in `corpus/`: an input a line, in base64, and what it is after a space
 * @param share of the usual number of runs, for parsers that take long
 */
export async function fuzz(name: string, check: (input: Buffer) => void | Promise<void>, share = 1): Promise<void> {
  const corpus = readCorpus(name);
  const random = seededRandom(seed);
  for (const input of corpus) await checked(name, input, check);
  for (let run = 0; run < runs * share; run++) await checked(name, mutate(corpus, random), check);
}

function readCorpus(name: string): readonly Buffer[] {
  const lines = readFileSync(new URL(`corpus/${name}.txt`, import.meta.url), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => Buffer.from(line.split(" ", 1)[0] ?? "", "base64"));
}

async function checked(name: string, input: Buffer, check: (input: Buffer) => void | Promise<void>): Promise<void> {
  const startMs = performance.now();
  try {
    const checking = check(input);
    // Whatever waits for others may take its time.
    if (checking === undefined && performance.now() - startMs > longestMs) throw new Error(`takes longer than ${longestMs} ms`);
    await checking;
  } catch (error) {
    throw new Error(`add to test/fuzz/corpus/${name}.txt once it is mended: ${input.toString("base64")}`, { cause: error });
  }
}
