/** How many inputs a property is tried on: `MESHLESS_PROPERTY_RUNS`, in CI 10,000, at a developer's fewer. */
export function propertyRuns(usual: number): number {
  return Number(process.env.MESHLESS_PROPERTY_RUNS ?? (process.env.CI ? 10_000 : usual));
}
