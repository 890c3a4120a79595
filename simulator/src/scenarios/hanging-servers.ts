import type { Fault, Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { usual } from "./entrant-names.ts";

const contenders = [...usual, "p2c-ejecting"];

function stuck(name: string, description: string, fault: Fault, timeoutMs: number): Scenario {
  return {
    name,
    description,
    durationMs: 30_000,
    warmUpMs: 5_000,
    servers: [{ name: "pod", count: 50, cores: 4, faults: [fault] }],
    clients: [{ name: "client", count: 100, rate: 5_000, work: { kind: "exponential", mean: 20 }, timeoutMs }],
    windows: [{ label: "fault", fromMs: fault.fromMs, toMs: fault.toMs ?? 30_000, shaded: true }],
  };
}

export const hangingServers: Chapter = {
  number: 8,
  name: "Servers that pause or hang",
  question: "How many calls walk into a server that says nothing any more?",
  cells: [
    {
      scenario: stuck(
        "pauses",
        "2 of 50 pods stop for a second, every 5 seconds on average.",
        { kind: "pauses", pauseMs: 1_000, everyMs: 5_000, fromMs: 5_000, servers: 2 },
        5_000,
      ),
      contenders,
    },
    {
      scenario: stuck(
        "hang",
        "1 of 50 pods takes calls and answers none for 15 s; calls wait for up to 30 s.",
        { kind: "hang", fromMs: 10_000, toMs: 25_000, servers: 1 },
        30_000,
      ),
      contenders,
      short: true,
    },
  ],
};
