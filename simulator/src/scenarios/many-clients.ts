import type { Chapter } from "../suite/suite.ts";
import { attainable, pushback, usual } from "./entrant-names.ts";
import { sharedMachinesAt } from "./prequal-testbed.ts";

export const manyClients: Chapter = {
  number: 4,
  name: "Many clients that each know little",
  question: "What is left of a policy when a client makes a few calls a second, and has most servers idle in its books?",
  cells: [
    {
      scenario: sharedMachinesAt(1.74, {
        name: "clients-1000",
        description: "1,000 clients of 13 calls a second each, on the servers of chapter 1 at 1.74 times.",
        clients: 1000,
      }),
      contenders: [...usual, "c3", ...attainable],
    },
    {
      scenario: sharedMachinesAt(1.74, {
        name: "clients-1000-pushback",
        description: "The same, and servers with 16 calls in flight turn further ones away that allow it.",
        clients: 1000,
        bounceLimit: 16,
      }),
      contenders: pushback,
    },
    {
      scenario: sharedMachinesAt(1.41, {
        name: "clients-5000",
        description: "5,000 clients of 2 calls a second each, at 1.41 times.",
        clients: 5000,
        durationMs: 15_000,
      }),
      contenders: usual,
      seeds: 5,
    },
  ],
};
