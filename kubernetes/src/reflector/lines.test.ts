import { expect, test } from "vitest";
import { lines } from "./lines.ts";

async function* chunksOf(bytes: Uint8Array, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

test("lines come whole however they are cut, inside of characters too, and half a line at the end does not", async () => {
  const bytes = Buffer.from("ä€😀\n\nzwei\nhal");
  for (let size = 1; size <= bytes.length; size++) {
    expect(await Array.fromAsync(lines(chunksOf(bytes, size), 100))).toEqual(["ä€😀", "", "zwei"]);
  }
});

test("a line without end is refused before it fills the memory", async () => {
  await expect(Array.fromAsync(lines(chunksOf(Buffer.alloc(1_000, "x"), 10), 100))).rejects.toThrow(/line of more than 100 bytes/);
});
