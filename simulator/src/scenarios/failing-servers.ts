import type { Fault, Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { usual } from "./entrant-names.ts";

const contenders = [...usual, "p2c-ejecting"];

function failing(name: string, description: string, fault: Fault): Scenario {
  return {
    name,
    description,
    durationMs: 30_000,
    warmUpMs: 5_000,
    servers: [{ name: "pod", count: 50, cores: 4, faults: [fault] }],
    clients: [{ name: "client", count: 40, rate: 8_000, work: { kind: "exponential", mean: 20 } }],
    windows: [{ label: "fault", fromMs: 5_000, toMs: 30_000, shaded: true }],
  };
}

export const failingServers: Chapter = {
  number: 7,
  name: "Servers that fail fast",
  question: "An error takes no time, so that a broken server looks idle: who keeps feeding it?",
  cells: [
    {
      scenario: failing("black-hole", "1 of 50 pods fails every call within a millisecond.", {
        kind: "errors",
        share: 1,
        fromMs: 5_000,
        servers: 1,
      }),
      contenders,
      short: true,
    },
    {
      scenario: failing("half-broken", "1 of 50 pods fails every second call within a millisecond.", {
        kind: "errors",
        share: 0.5,
        fromMs: 5_000,
        servers: 1,
      }),
      contenders,
    },
    {
      scenario: failing(
        "all-fail-some",
        "All pods fail every fifth call, a dependency of theirs being ill: taking pods out would only make it worse.",
        { kind: "errors", share: 0.2, fromMs: 5_000 },
      ),
      contenders,
    },
  ],
};
