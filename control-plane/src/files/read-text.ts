import { readFileSync } from "node:fs";

/**
 * Reads a text file.
 *
 * @throws Error that begins with its path: it can't be read, or is not UTF-8
 */
export function readText(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
