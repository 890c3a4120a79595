export type { ManualClock } from "./manual-clock.ts";
export { manualClock } from "./manual-clock.ts";
export type { ScriptedSource } from "./scripted-source.ts";
export { scriptedSource } from "./scripted-source.ts";
export { seededRandom } from "./seeded-random.ts";
export { testEndpoint } from "./test-endpoint.ts";
export { testOutcome } from "./test-outcome.ts";
