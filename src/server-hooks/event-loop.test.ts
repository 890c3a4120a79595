import { execFile } from "node:child_process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { probeEventLoop } from "./event-loop.ts";

function blockFor(ms: number): void {
  const endsAtMs = performance.now() + ms;
  while (performance.now() < endsAtMs);
}

describe("probeEventLoop", () => {
  test("sees a blocked loop as busy and late", async () => {
    const probe = probeEventLoop();
    let latest = 0;
    // The histogram needs two turns of its own timer before it measures.
    for (let i = 0; i < 50 && latest < 50; i++) {
      blockFor(100);
      await nextTurn();
      const { utilization, delayMs } = probe();
      expect(utilization).toBeGreaterThan(0.5);
      expect(utilization).toBeLessThanOrEqual(1);
      latest = delayMs;
    }
    expect(latest).toBeGreaterThanOrEqual(50);
    expect(latest).toBeLessThan(5_000);
  });

  test("keeps no process alive", async () => {
    const program = `import { probeEventLoop } from ${JSON.stringify(new URL("event-loop.ts", import.meta.url))}; console.log(probeEventLoop()());`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { timeout: 15_000 });
    expect(stdout).toContain("utilization");
  });

  test("a probe that is asked again at once has nothing new to say", () => {
    const probe = probeEventLoop();
    probe();
    expect(probe().delayMs).toBe(0);
  });
});
