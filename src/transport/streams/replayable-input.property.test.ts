import "../../../test/support/property-seed.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../../../test/support/property-runs.ts";
import { ReplayMemory } from "./replay-memory.ts";
import { ReplayableInput } from "./replayable-input.ts";

type Step = "pull" | "again" | "halt" | "commit" | "late";

const steps = fc.array(fc.constantFrom<Step>("pull", "pull", "pull", "again", "halt", "commit", "late"), { maxLength: 60 });

test("each attempt gets the messages from the first on, in order, and once committed there is no other attempt", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 0, max: 90 }), async (taken, count) => {
      const memory = new ReplayMemory();
      let sent = 0;
      const source = (async function* () {
        for (let n = 0; n < count; n++) yield n;
      })();
      const input = new ReplayableInput(source, { sentBytes: () => sent, mustKeep: () => false, account: memory.account() });
      let reader = input.read();
      let read: number[] = [];
      const dead: Promise<IteratorResult<number, void>>[] = [];
      for (const step of taken) {
        if (step === "commit") input.commit();
        if (step === "halt") input.halt();
        if (step === "late") dead.push(reader.next());
        if (step === "late" || step === "halt" || step === "again") {
          // What began with a message that was committed to can't be replayed, and nobody asks for it.
          if (!input.repeatable) break;
          sent = 0;
          reader = input.read();
          read = [];
          continue;
        }
        const message = await reader.next();
        if (message.done === true) continue;
        read.push(message.value);
        sent += 40_000;
        expect(read).toEqual(Array.from({ length: read.length }, (_, n) => n));
        expect(memory.bytes).toBeLessThanOrEqual(2 ** 20);
      }
      if (input.repeatable) {
        const all = await Array.fromAsync(input.read());
        expect(all).toEqual(Array.from({ length: count }, (_, n) => n));
      }
      for (const late of await Promise.all(dead)) expect(late.done === true || late.value >= 0).toBe(true);
      input.commit();
      expect(memory.bytes).toBe(0);
    }),
    { numRuns: propertyRuns(500) },
  );
});
