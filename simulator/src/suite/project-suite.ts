import { entrants } from "../contenders/registry.ts";
import { criteria } from "../criteria/criteria.ts";
import { chapters } from "../scenarios/index.ts";
import type { Suite } from "./suite.ts";

/** The suite that `npm run simulate` runs: all chapters, everybody. */
export function loadSuite(): Suite {
  return { chapters, entrants, summary: criteria };
}
