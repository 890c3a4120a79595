import type { LoadReport } from "meshless/balancer";
import type { Reporting } from "../scenario.ts";
import type { Visit } from "./visit.ts";

/** What a server says of itself: the truth, a lie, or nothing. */
export class Reporter {
  readonly #reporting: Reporting | false;

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

  report(truth: () => LoadReport, visit: Pick<Visit, "reportLossChance">): LoadReport | undefined {
    if (this.#reporting === false) return undefined;
    const { loss = 0, lie } = this.#reporting;
    if (loss > 0 && visit.reportLossChance < loss) return undefined;
    return lie === undefined ? truth() : { ...truth(), ...lie };
  }
}
