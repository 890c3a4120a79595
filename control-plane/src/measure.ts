/** What can be measured, when somebody asks. */
export interface Measure {
  /** Such as `registry.kubernetes.objects`. */
  readonly name: string;
  /** In a sentence. */
  readonly description: string;
  /** A counter only grows. */
  readonly kind: "counter" | "gauge";
  /** What it is now, once for each set of labels. */
  read(): readonly Sample[];
}

/** A figure of a measure. */
export interface Sample {
  readonly value: number;
  /** What it is of, such as `{ reason: "expired" }`. May be empty. */
  readonly labels: Readonly<Record<string, string>>;
}
