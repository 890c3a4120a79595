import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** What clients call, as the control plane knows it. */
export const SERVICE = "echo.demo:8080";

export interface ListedEndpoint {
  readonly address: string;
  readonly port: number;
}

export function readEndpoints(file: string): readonly ListedEndpoint[] {
  return JSON.parse(readFileSync(file, "utf8")).services[SERVICE].endpoints;
}

/** Replaces the file as a whole: a reader sees the old list or the new one, never half of one. */
export function writeEndpoints(file: string, endpoints: readonly ListedEndpoint[]): void {
  writeFileSync(`${file}.new`, JSON.stringify({ services: { [SERVICE]: { endpoints } } }, undefined, 2));
  renameSync(`${file}.new`, file);
}
