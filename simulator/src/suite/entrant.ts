import type { RunResult } from "../result.ts";
import type { Scenario } from "../scenario.ts";

/** Whoever can run a scenario: a contender behind simulated clients, or a bound that knows more than any client can. */
export interface Entrant {
  /** For tables and command lines, such as `peak-ewma`. */
  readonly name: string;
  /** One sentence: what it is, after whom, with which settings. */
  readonly description: string;
  /** Takes no part in the comparison: it shows what is left to gain. Default false. */
  readonly isBound?: boolean;
  /** A bound that places each call on a server, as any balancer has to: the far end of "gap closed". Default false. */
  readonly isAttainable?: boolean;
  /** The same arguments give the same result, apart from `wallMs`. */
  run(scenario: Scenario, seed: number): RunResult;
}
