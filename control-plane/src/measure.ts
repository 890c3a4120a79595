/** What can be measured, when somebody asks. */
export interface Measure {
  /** Such as `registry.kubernetes.objects`. */
  readonly name: string;
  readonly description: string;
  /** A counter only grows. */
  readonly kind: "counter" | "gauge";
  read(): readonly Sample[];
}

export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}
