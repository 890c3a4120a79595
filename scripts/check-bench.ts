import { lastLineOf } from "./last-line-of.ts";

interface BenchFigures {
  readonly unary: Readonly<Record<string, { readonly cpuUs: number; readonly ratioToRaw: number }>>;
  readonly pick: Readonly<Record<string, { readonly p50Us: number; readonly p99Us: number }>>;
}

const contenders = ["raw-node-http2", "grpc-js", "connect-node-connect", "connect-node-grpc", "meshless-connect", "meshless-grpc"];
const endpointCounts = ["10", "1000", "10000"];

// Speed is not judged, machines differ: only that every figure is measured.
const { unary, pick } = lastLineOf("bench", ["--json"]) as BenchFigures;
const figures: Readonly<Record<string, number | undefined>> = {
  ...Object.fromEntries(contenders.map((name) => [`${name}, times raw`, unary[name]?.ratioToRaw])),
  ...Object.fromEntries(contenders.map((name) => [`${name}, us of CPU`, unary[name]?.cpuUs])),
  ...Object.fromEntries(endpointCounts.map((count) => [`pick of ${count}, us at p99`, pick[count]?.p99Us])),
};
for (const [name, figure] of Object.entries(figures)) {
  console.log(`${name}: ${figure ?? "missing"}`);
  if (figure === undefined || !(figure > 0 && figure < Number.POSITIVE_INFINITY)) {
    process.exitCode = 1;
  }
}
