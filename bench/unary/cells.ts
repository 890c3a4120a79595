import { testPki } from "../../test/support/test-pki.ts";
import { type Contender, plainContenders } from "./contenders.ts";
import { type Cell, measureCell, type UnaryFigures } from "./measure.ts";

/** Of the calls that all figures elsewhere are of. */
export const TEXT = "hello";
export const CONCURRENCY = 50;
const ROUNDS = 24;

export function measureUnary(progress: (text: string) => void): Promise<UnaryFigures> {
  const names = Object.keys(plainContenders) as Contender[];
  return measureCell({ contenders: names, text: TEXT, concurrency: CONCURRENCY, rounds: ROUNDS }, progress);
}

const compared = [
  "raw-node-http2",
  "raw-equal-connect",
  "raw-equal-grpc",
  "grpc-js",
  "connect-node-connect",
  "connect-node-grpc",
  "meshless-connect",
  "meshless-grpc",
  "meshless-grpc-web",
] as const;

/** By what the calls are like. */
export async function measureCells(progress: (text: string) => void): Promise<Record<string, UnaryFigures>> {
  const tls = await tlsOf();
  const cells: Record<string, Pick<Cell, "text" | "concurrency" | "tls">> = {};
  for (const bytes of [100, 10_240]) {
    for (const concurrency of [1, 50, 500]) cells[`${bytes} bytes, ${concurrency} at once`] = { text: "x".repeat(bytes), concurrency };
  }
  cells["100 bytes, 50 at once, TLS"] = { text: "x".repeat(100), concurrency: 50, tls };
  const figures: Record<string, UnaryFigures> = {};
  for (const [name, cell] of Object.entries(cells)) {
    figures[name] = await measureCell({ ...cell, contenders: compared, rounds: 12 }, (text) => progress(`${name}: ${text}`));
  }
  return figures;
}

async function tlsOf(): Promise<NonNullable<Cell["tls"]>> {
  const pki = await testPki();
  return { ...(await pki.issueFor({ ips: ["127.0.0.1"] })), ca: pki.ca };
}
