import { describe, expect, it } from "vitest";
import { alerts } from "../../scripts/telemetry/alerts.ts";
import { panelRows } from "../../scripts/telemetry/panels.ts";
import { use } from "../support/use.ts";
import { checkRules, hasPrometheus, type Prometheus, startPrometheus } from "./prometheus.ts";
import { startWatchedFleet } from "./watched-fleet.ts";

const rulesFile = "docs/telemetry/alerts.yaml";
const window = "5s";

/** Every query of the dashboard and of the rules, by what it is for. */
function allQueries(): ReadonlyMap<string, string> {
  const panels = Object.entries(panelRows(window, 'grpc_target=~".*"')).flatMap(([row, inRow]) =>
    inRow.flatMap(({ title, lines }) => Object.entries(lines).map(([legend, text]) => [`${row}: ${title}: ${legend}`, text] as const)),
  );
  return new Map([...panels, ...alerts(window).map(({ name, query }) => [name, query] as const)]);
}

async function withoutData(prometheus: Prometheus, queries: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [name, text] of queries) if (!(await prometheus.query(text)).some(Number.isFinite)) missing.push(name);
  return missing;
}

describe.skipIf(!hasPrometheus)("with a real Prometheus that scrapes a fleet", () => {
  it("every panel of the dashboard and every alert rule has data, and no rule is in error", { timeout: 60_000 }, async () => {
    const fleet = use(await startWatchedFleet());
    const prometheus = use(await startPrometheus(fleet.port, rulesFile));
    let missing = allQueries();
    for (const endsAtMs = performance.now() + 40_000; missing.size > 0 && performance.now() < endsAtMs; ) {
      await fleet.live();
      const names = new Set(await withoutData(prometheus, missing));
      missing = new Map([...missing].filter(([name]) => names.has(name)));
    }
    expect([...missing]).toEqual([]);
    const { query = "" } = alerts().find(({ name }) => name === "MeshlessNobodyEligible") ?? {};
    expect(await prometheus.query('meshless_transports{grpc_target=~".*closed.*"}')).toEqual([0]);
    expect(await prometheus.query(query), "a target that is closed is nothing to be called for").toHaveLength(1);
    const rules = await prometheus.rules();
    expect(rules.map(({ name }) => name)).toEqual(alerts().map(({ name }) => name));
    expect(rules.filter(({ health }) => health === "err")).toEqual([]);
  });

  it("promtool finds nothing wrong with the rules", () => {
    expect(checkRules(rulesFile)).toContain(`${alerts().length} rules found`);
  });
});
