import type { Table } from "../suite/table.ts";

/** Something that is promised of meshless, and what a run has shown of it. */
export interface Criterion {
  readonly promise: string;
  readonly target: string;
  readonly figure: string;
  readonly isMet: boolean;
}

export function criteriaTable(criteria: readonly Criterion[]): Table {
  const met = criteria.filter(({ isMet }) => isMet).length;
  return {
    title: `${met} of ${criteria.length} promises are kept`,
    note: "Ratios are those of p99 latency, seed by seed: below 1, meshless is quicker. In parentheses stands the 95 % confidence interval.",
    columns: [
      { label: "promise" },
      { label: "target", isText: true },
      { label: "figure", isText: true },
      { label: "kept", meaning: "by the mean over seeds, unless the target says otherwise" },
    ],
    rows: criteria.map(({ promise, target, figure, isMet }) => [
      promise,
      target,
      figure,
      { text: isMet ? "yes" : "no", mark: isMet ? "best" : "worst" },
    ]),
  };
}
