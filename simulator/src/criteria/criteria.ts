import type { Table } from "../suite/table.ts";
import { againstPrequal } from "./against-prequal.ts";
import { blackHole, lyingPod } from "./broken-servers.ts";
import { cellTable } from "./cell-table.ts";
import { criteriaTable } from "./criterion.ts";
import { evenShares } from "./even-shares.ts";
import { fewerPods } from "./fewer-pods.ts";
import type { Results } from "./find.ts";
import { halfOrNearBound } from "./half-or-near-bound.ts";
import { lessForWorse } from "./less-for-worse.ts";
import { neverWorse } from "./never-worse.ts";
import { replacedAtOnce } from "./replaced-at-once.ts";
import { retryStorms } from "./retry-storms.ts";
import { mistakenCallers, wrongButQuick } from "./wrong-answers.ts";
import { balancedZones, skewedZones } from "./zones.ts";

const all = [
  halfOrNearBound,
  neverWorse,
  againstPrequal,
  blackHole,
  lyingPod,
  skewedZones,
  balancedZones,
  fewerPods,
  evenShares,
  lessForWorse,
  wrongButQuick,
  mistakenCallers,
  replacedAtOnce,
  retryStorms,
];

/** What is promised of meshless, and whether the results keep it, as far as they tell. */
export function criteria(results: Results): readonly Table[] {
  return [criteriaTable(all.flatMap((of) => of(results))), cellTable(results)];
}
