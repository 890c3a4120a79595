import type { Scenario } from "../scenario.ts";
import type { Chapter } from "../suite/suite.ts";

const contenders = ["p2c", "envoy-zones", "meshless-without-zones", "meshless"];
const zoneNames = ["a", "b", "c"] as const;
const workMs = 20;

/** Three zones of 20 pods each, and 60 clients, of which the zones have these shares: what Envoy's split takes demand to be. */
function zones(name: string, description: string, shares: readonly number[], load: number): Scenario {
  return {
    name,
    description,
    durationMs: 20_000,
    warmUpMs: 5_000,
    servers: zoneNames.map((zone) => ({ name: `pod-${zone}`, count: 20, zone, cores: 4 })),
    clients: zoneNames.map((zone, index) => ({
      name: `client-${zone}`,
      count: Math.round(60 * (shares[index] as number)),
      zone,
      rate: ((shares[index] as number) * load * 60 * 4 * 1000) / workMs,
      work: { kind: "exponential", mean: workMs },
    })),
    network: { rttMs: 0.5, crossZoneRttMs: 1.5 },
  };
}

function skewed(shares: readonly [number, number, number], load: number): Scenario {
  const [first] = shares;
  return zones(
    `zones-${100 * first}-${100 * load}`,
    `Three zones of 20 pods; ${100 * first} % of all calls come from the first, at ${100 * load} % load: only what it can't take should leave it.`,
    shares,
    load,
  );
}

const alike = [1 / 3, 1 / 3, 1 / 3];

const balanced = zones("zones-balanced", "Three zones alike at 65 % load: no call has a reason to leave its zone.", alike, 0.65);

const nearlyShort = zones(
  "zones-balanced-74",
  "The same at 74 %: a zone is short for moments, by chance, and should ride them out.",
  alike,
  0.74,
);

const outage: Scenario = {
  ...zones("zone-outage", "Zone a is lost for 15 s, at 45 % load; its calls go elsewhere at once, and come back gently.", alike, 0.45),
  durationMs: 60_000,
  servers: zoneNames.map((zone) => ({
    name: `pod-${zone}`,
    count: 20,
    zone,
    cores: 4,
    ...(zone === "a" && { faults: [{ kind: "down" as const, fromMs: 10_000, toMs: 25_000 }] }),
  })),
  windows: [
    { label: "before", fromMs: 5_000, toMs: 10_000 },
    { label: "outage", fromMs: 10_000, toMs: 25_000, shaded: true },
    { label: "return", fromMs: 25_000, toMs: 40_000 },
    { label: "after", fromMs: 55_000, toMs: 60_000 },
  ],
};

export const zonesChapter: Chapter = {
  number: 10,
  name: "Zones",
  question: "How much leaves the zone, and what does it cost to stay? Envoy splits by the number of hosts; we leave only when it pays.",
  cells: [
    { scenario: balanced, contenders },
    { scenario: nearlyShort, contenders: ["envoy-zones", "meshless"] },
    { scenario: skewed([0.45, 0.275, 0.275], 0.6), contenders },
    { scenario: skewed([0.5, 0.25, 0.25], 0.7), contenders, short: true },
    { scenario: skewed([0.6, 0.2, 0.2], 0.7), contenders },
    { scenario: skewed([0.5, 0.25, 0.25], 0.9), contenders },
    { scenario: outage, contenders, seeds: 5 },
  ],
};
