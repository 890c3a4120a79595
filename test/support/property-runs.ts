/**
 * How many inputs a property is tried on: `MESHLESS_PROPERTY_RUNS`, in CI 10,000, at a developer's fewer.
 *
 * @param inCi for those of which 10,000 would take minutes
 */
export function propertyRuns(usual: number, inCi = 10_000): number {
  return Number(process.env.MESHLESS_PROPERTY_RUNS ?? (process.env.CI ? inCi : usual));
}
