import type { ClientGroup, Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { fewRivals } from "./entrant-names.ts";
import { hiccups } from "./hiccups.ts";
import { withAndWithoutReports } from "./with-and-without-reports.ts";

const contenders = [...fewRivals, "p2c-ejecting"];

const refusing: Scenario = {
  name: "wrong-but-quick",
  description: "1 client, 4 pods, 1,000 calls of 10 ms; one pod has a stale key, and refuses all of them at once.",
  durationMs: 10_000,
  network: { rttMs: 0.2, noise: hiccups },
  servers: [
    { name: "good", count: 3, cores: 4 },
    { name: "wrong", count: 1, cores: 4, faults: [{ kind: "refuses", share: 1, fromMs: 0 }] },
  ],
  clients: [{ name: "client", count: 1, rate: 100, work: { kind: "constant", value: 10 } }],
};

const [reporting, silent] = withAndWithoutReports(refusing);

function mistaken(name: string, description: string, mistaken?: ClientGroup["mistaken"]): Scenario {
  return {
    name,
    description,
    durationMs: 20_000,
    warmUpMs: 2_000,
    servers: [{ name: "pod", count: 10, cores: 4 }],
    clients: [{ name: "client", count: 10, rate: 1_400, work: { kind: "exponential", mean: 20 }, ...(mistaken && { mistaken }) }],
  };
}

export const wrongButQuick: Chapter = {
  number: 15,
  name: "Wrong but quick",
  question:
    "An answer that blames the caller is quick: does it draw calls to the one pod that gives it, and is it left in peace where the caller is to blame?",
  cells: [
    { scenario: reporting, contenders, short: true },
    { scenario: silent, contenders },
    { scenario: mistaken("none-mistaken", "10 clients, 10 pods of 4 cores at 70 %."), contenders },
    {
      scenario: mistaken("tenth-mistaken", "The same, but a tenth of all calls asks for what there is not.", { share: 0.1 }),
      contenders,
    },
    {
      scenario: mistaken("tenth-mistaken-soon", "The same, and those calls are answered within a millisecond.", { share: 0.1, afterMs: 1 }),
      contenders,
    },
  ],
};
