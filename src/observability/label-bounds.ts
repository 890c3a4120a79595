/** What stands for all values of a label beyond its bound, as OpenTelemetry has it. */
const otherValue = "_OTHER";

/** Longer ones are cut: names come from discovery, and from callers. */
const maxLength = 128;

/**
 * Keeps labels from having ever more values: each has so many at most, and all that come later are one. What discovery or a caller names can't fill the
 * memory of whoever stores the metrics.
 */
export class LabelBounds {
  readonly #maxValues: number;
  /** By label and value, what is recorded in its place. */
  readonly #known = new Map<string, Map<string, string>>();

  constructor(maxValues: number) {
    this.#maxValues = maxValues;
  }

  /** The value to record. */
  of(label: string, value: string): string {
    const values = this.#valuesOf(label);
    const known = values.get(value);
    if (known !== undefined) return known;
    if (values.size >= this.#maxValues) return otherValue;
    const clean = value.slice(0, maxLength).replace(/\p{Cc}/gu, "?");
    values.set(value, clean);
    return clean;
  }

  #valuesOf(label: string): Map<string, string> {
    const values = this.#known.get(label) ?? new Map<string, string>();
    if (values.size === 0) this.#known.set(label, values);
    return values;
  }
}
