import type { Distribution, Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { bounds, usual } from "./entrant-names.ts";

function heavyTail(name: string, description: string, work: Distribution, meanMs: number): Scenario {
  return {
    name,
    description,
    durationMs: 20_000,
    warmUpMs: 5_000,
    servers: [{ name: "pod", count: 50, cores: 4 }],
    clients: [{ name: "client", count: 100, rate: (0.75 * 50 * 4 * 1000) / meanMs, work }],
  };
}

const mixture: Distribution = {
  kind: "mixture",
  parts: [
    { share: 0.95, of: { kind: "exponential", mean: 10 } },
    { share: 0.05, of: { kind: "exponential", mean: 200 } },
  ],
};

export const heavyTails: Chapter = {
  number: 6,
  name: "A few long calls among many short ones",
  question: "Does a policy mistake a long call for a slow server, or send short calls behind long ones?",
  cells: [
    {
      scenario: heavyTail(
        "tail-mixture",
        "Every twentieth call takes 200 ms on average, the others 10; 50 pods of 4 cores at 75 %.",
        mixture,
        19.5,
      ),
      contenders: [...usual, ...bounds],
    },
    {
      scenario: heavyTail(
        "tail-lognormal",
        "Log-normal work of 20 ms with a squared coefficient of variation of 10; 50 pods of 4 cores at 75 %.",
        { kind: "lognormal", mean: 20, scv: 10 },
        20,
      ),
      contenders: [...usual, ...bounds],
    },
  ],
};
