import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commands } from "./command.ts";
import { regressions } from "./regressions.ts";
import { createScriptedSystem } from "./scripted-system.ts";
import { createBareTransportSystem, createTransportSystem } from "./transport-system.ts";
import { World } from "./world.ts";

const numRuns = Number(process.env.MESHLESS_PROPERTY_RUNS ?? (process.env.CI ? 10_000 : 2_000));

describe.each([
  ["the call loop, with attempts by script", createScriptedSystem],
  ["the whole transport, with attempts that an interceptor sees", createTransportSystem],
  ["the whole transport, with nobody looking on", createBareTransportSystem],
])("%s", (_name, createSystem) => {
  test(`any order of events keeps the rules of sessions, leases and repeats (${numRuns} lives)`, { timeout: 300_000 }, async () => {
    const life = fc.asyncProperty(commands, (commands) => new World(createSystem).run(commands));
    await fc.assert(life, { numRuns });
  });

  test.each(regressions)("once broken: $why", async ({ commands }) => {
    await expect(new World(createSystem).run(commands)).resolves.toBeUndefined();
  });
});
