import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../support/property-runs.ts";
import { commands } from "./command.ts";
import { regressions } from "./regressions.ts";
import { createScriptedSystem } from "./scripted-system.ts";
import { createBareTransportSystem, createTransportSystem } from "./transport-system.ts";
import { World } from "./world.ts";

const numRuns = propertyRuns(2_000);

describe.each([
  ["the call loop, with attempts by script", createScriptedSystem, true],
  ["the same, where sessions are made anew only when a call wants one", createScriptedSystem, false],
  ["the whole transport, with attempts that an interceptor sees", createTransportSystem, true],
  ["the whole transport, with nobody looking on", createBareTransportSystem, true],
])("%s", (_name, createSystem, reopens) => {
  test(`any order of events keeps the rules of sessions, leases and repeats (${numRuns} lives)`, { timeout: 300_000 }, async () => {
    const life = fc.asyncProperty(commands, (commands) => new World(createSystem, reopens).run(commands));
    await fc.assert(life, { numRuns });
  });

  test.each(regressions)("once broken: $why", async ({ commands }) => {
    await expect(new World(createSystem, reopens).run(commands)).resolves.toBeUndefined();
  });
});
