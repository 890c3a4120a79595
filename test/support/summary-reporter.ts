import type { Reporter, TestCase, TestModule } from "vitest/node";

/** What a run amounts to. */
interface Summary {
  readonly passed: number;
  readonly failed: number;
  /** One line each, with the reason that the test gave. */
  readonly skipped: readonly string[];
}

/**
 * Ends a run with the plain line `N passed, N failed`; before it come the skipped tests, each with its reason.
 *
 * A run fails without tests that passed, and with a file or a stray error that no test stands for. Where `strict`, as in CI,
 * a skipped test is a failed one: there nothing may be missing.
 */
export function summaryReporter(out: { write(text: string): unknown }, strict: boolean): Reporter {
  let isFiltered = false;
  return {
    onInit(vitest) {
      isFiltered = vitest.config.testNamePattern !== undefined;
    },
    onTestRunEnd(modules, strayErrors) {
      const { passed, failed, skipped } = summarize(modules, strayErrors.length, strict && !isFiltered);
      if (skipped.length > 0 && !isFiltered) {
        out.write(`\nSKIPPED ${skipped.length}:\n${skipped.join("\n")}\n`);
      }
      out.write(`${passed} passed, ${failed} failed\n`);
      if (failed > 0) {
        process.exitCode = 1;
      }
    },
  };
}

/** Counts tests; with `strict` skipped ones as failed. At least one is `failed` when the run is not good. */
function summarize(modules: readonly TestModule[], strayErrors: number, strict: boolean): Summary {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const count = (state: string) => tests.filter((test) => test.result().state === state).length;
  const brokenModules = modules.filter((module) => module.state() === "failed" && [...module.children.allTests("failed")].length === 0);
  const skipped = tests.filter((test) => test.result().state === "skipped").map(describeSkipped);
  const passed = count("passed");
  // A pending test never ran: the run was cut short.
  const failed = count("failed") + count("pending") + brokenModules.length + strayErrors + (strict ? skipped.length : 0);
  return { passed, failed: passed === 0 ? Math.max(1, failed) : failed, skipped };
}

function describeSkipped(test: TestCase): string {
  const result = test.result();
  return `  ${test.module.relativeModuleId} > ${test.fullName}: ${(result.state === "skipped" && result.note) || "no reason given"}`;
}
