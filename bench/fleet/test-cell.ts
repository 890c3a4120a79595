import type { Cell } from "./cell.ts";

/** 1,000 calls to each of 4 servers, at 100 calls a second. */
export function testCell(fields: Partial<Cell> = {}): Cell {
  return {
    name: "test",
    trial: { kind: "even" },
    servers: 4,
    clients: 1,
    callsPerSecond: 100,
    calls: 4_000,
    work: { kind: "timer", ms: 2 },
    reports: false,
    contenders: ["meshless", "p2c"],
    ...fields,
  };
}
