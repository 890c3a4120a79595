import type { LoadReport } from "meshless/balancer";
import type { Reporting } from "../scenario.ts";
import type { Visit } from "./visit.ts";

/** As the server hooks share reports. */
const SHARE_MS = 5;

/** What a server says of itself: the truth, a lie, or nothing. */
export class Reporter {
  readonly #reporting: Reporting | false;
  #shared: LoadReport | undefined;
  #madeAtMs = -Infinity;

  constructor(reporting: Reporting | false = {}) {
    this.#reporting = reporting;
  }

  /** How much later than the answer a report reaches the client, in ms. */
  get delayMs(): number {
    return this.#reporting === false ? 0 : (this.#reporting.delayMs ?? 0);
  }

  /** The number of calls in flight that it claims. */
  claimedInFlight(truth: number): number {
    return this.#reporting === false ? truth : (this.#reporting.lie?.inFlight ?? truth);
  }

  report(truth: () => LoadReport, visit: Pick<Visit, "reportLossChance">, nowMs: number): LoadReport | undefined {
    if (this.#reporting === false) return undefined;
    const { loss = 0, shareMs = SHARE_MS, lie } = this.#reporting;
    if (loss > 0 && visit.reportLossChance < loss) return undefined;
    if (this.#shared === undefined || nowMs - this.#madeAtMs >= shareMs) {
      this.#shared = lie === undefined ? truth() : { ...truth(), ...lie };
      this.#madeAtMs = nowMs;
    }
    return this.#shared;
  }
}
