import { Unreadable } from "./unreadable.ts";

const newline = 0x0a;

/**
 * Splits what comes by lines. Half a line at the end is dropped: who sent it has been cut off.
 *
 * @throws Unreadable for a line that is longer than `maxBytes`
 */
export async function* lines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      // Decoded whole: a character may be spread over chunks.
      yield textOf([...begun, chunk.subarray(start, end)]);
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
    begunBytes += chunk.length - start;
    if (begunBytes > maxBytes) throw new Unreadable(`the apiserver sent a line of more than ${maxBytes} bytes`);
  }
}

/** @throws Unreadable if it is longer than `maxBytes` */
export async function wholeText(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const all: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    all.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Unreadable(`the apiserver sent an answer of more than ${maxBytes} bytes`);
  }
  return textOf(all);
}

function textOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
