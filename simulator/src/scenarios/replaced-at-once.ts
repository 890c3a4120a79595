import type { Scenario, ServerGroup } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";
import { fewRivals } from "./entrant-names.ts";

/** When the first new pod is there. */
const atMs = 20_000;
const drainMs = 2_000;

/** The new pods, and the old ones that drain from the moment on in which they have come. */
function replacement(count: number, everyMs: number, cold: Partial<ServerGroup>): readonly ServerGroup[] {
  return [
    { name: "old", count, cores: 4, leaves: { atMs: atMs + drainMs, everyMs, drainMs } },
    { name: "new", count, cores: 4, joins: { atMs, everyMs }, ...cold },
  ];
}

function replaced(name: string, description: string, servers: readonly ServerGroup[]): Scenario {
  return {
    name,
    description,
    durationMs: 40_000,
    warmUpMs: 5_000,
    network: { connectionWarmUp: { addedMs: 5, calls: 5 } },
    servers,
    clients: [{ name: "client", count: 4, rate: (0.6 * 4 * 4 * 1000) / 20, work: { kind: "exponential", mean: 20 } }],
    windows: [
      { label: "before", fromMs: 5_000, toMs: atMs },
      { label: "after", fromMs: atMs, toMs: 40_000, shaded: true },
    ],
  };
}

const lasting: ServerGroup = { name: "lasting", count: 1, cores: 4 };
/** Slow for its first calls: over within a second of a pod's share. */
const cold = { warmedByUse: { addedMs: 40, halfAfterCalls: 5 } };

const atOnce = "4 clients, 4 pods of 4 cores at 60 %; three pods are replaced at once.";
const inTurn = "4 clients, 4 pods of 4 cores at 60 %; a pod is replaced every 3 s.";

const scenarios = [
  replaced("replaced-at-once", atOnce, [lasting, ...replacement(3, 0, {})]),
  replaced("replaced-at-once-cold", `${atOnce} New ones are slow at first.`, [lasting, ...replacement(3, 0, cold)]),
  replaced("replaced-in-turn", inTurn, replacement(4, 3_000, {})),
  replaced("replaced-in-turn-cold", `${inTurn} New ones are slow at first.`, replacement(4, 3_000, cold)),
];

export const replacedAtOnce: Chapter = {
  number: 16,
  name: "Replaced at once",
  question: "Where most of a fleet is new, there is nobody to spare it: does whoever is left drown while the new pods are ramped up?",
  cells: scenarios.map((scenario, i) => ({ scenario, contenders: fewRivals, short: i === 0 })),
};
