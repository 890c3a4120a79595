import type { ContenderName } from "./contenders.ts";
import type { Ledger } from "./ledger.ts";
import type { Stage } from "./stage.ts";

/** A line that a run has to keep: what was measured, beside its bound. */
export interface Line {
  readonly what: string;
  readonly figure: number;
  readonly bound: readonly ["<=" | ">=", number];
  readonly unit?: string;
}

/** What a run of one contender came to. */
export interface Outcome {
  readonly ledger: Ledger;
  readonly lines: readonly Line[];
}

interface Named {
  /** `F1`, or `F2-hedged` where one fault has several. */
  readonly id: string;
  readonly title: string;
}

/** Real processes under load, while a fault lasts. */
export interface LiveScenario extends Named {
  /** Who runs it; the pass lines are for meshless, the others stand beside. */
  readonly contenders: readonly ContenderName[];
  /** In CI as well. */
  readonly isShort?: boolean;
  /** Says why it can't be run here. Default: it can. */
  readonly whyNot?: () => Promise<string | undefined>;
  /** The clients have no time by what is done to them, so that calls that were begun late say nothing of the machine. */
  readonly holdsClientsUp?: boolean;
  run(stage: Stage, contender: ContenderName): Promise<Outcome>;
}

/** A fault that tests hold already: those of these paths, or what a command counts that ends as `npm test` does. */
export type TestedScenario = Named & ({ readonly tests: readonly string[] } | { readonly command: readonly string[] });

export function holds({ figure, bound: [sign, bound] }: Line): boolean {
  return sign === "<=" ? figure <= bound : figure >= bound;
}

export function atMost(what: string, figure: number, bound: number, unit?: string): Line {
  return { what, figure, bound: ["<=", bound], ...(unit === undefined ? {} : { unit }) };
}

export function atLeast(what: string, figure: number, bound: number, unit?: string): Line {
  return { what, figure, bound: [">=", bound], ...(unit === undefined ? {} : { unit }) };
}
