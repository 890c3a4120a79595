import { readFileSync, renameSync, writeFileSync } from "node:fs";

export interface ListedEndpoint {
  readonly address: string;
  readonly port: number;
}

export function readEndpoints(file: string): readonly ListedEndpoint[] {
  return JSON.parse(readFileSync(file, "utf8")).endpoints;
}

/** Replaces the file as a whole: a reader sees the old list or the new one, never half of one. */
export function writeEndpoints(file: string, endpoints: readonly ListedEndpoint[]): void {
  writeFileSync(`${file}.new`, JSON.stringify({ endpoints }));
  renameSync(`${file}.new`, file);
}
