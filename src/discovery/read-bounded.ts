import { open, stat } from "node:fs/promises";

/**
 * Reads a text file of at most `maxBytes`, however it grows meanwhile.
 *
 * @throws the system's error, or an Error if it is no regular file, too large, or not UTF-8
 */
export async function readBounded(path: string, maxBytes: number): Promise<string> {
  // Asked before it is opened: opening a pipe would block until somebody writes to it.
  if (!(await stat(path)).isFile()) throw new Error("not a regular file");
  const file = await open(path);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of file.createReadStream({ end: maxBytes, autoClose: false })) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (bytes.length > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } finally {
    await file.close();
  }
}
