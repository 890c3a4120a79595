import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const reporter = join(import.meta.dirname, "summary-reporter.ts");

/** Runs vitest for real on one test file; gives the last lines of its output and its exit code. */
function runVitest(source: string | undefined, { strict = false, args = [] as readonly string[] } = {}) {
  const root = mkdtempSync(join(tmpdir(), "summary-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(
    join(root, "vitest.config.ts"),
    `import { summaryReporter } from ${JSON.stringify(reporter)};
    export default { test: { globals: true, reporters: ["default", summaryReporter(process.stdout, ${strict})] } };`,
  );
  if (source !== undefined) {
    writeFileSync(join(root, "some.test.ts"), source);
  }
  const { status, stdout } = spawnSync("vitest", ["run", "--root", root, ...args], { encoding: "utf8" });
  return { status, lines: stdout.trimEnd().split("\n").slice(-4) };
}

test("counts what passed", () => {
  const { status, lines } = runVitest(`test("a", () => {}); describe("of", () => { test("b", () => {}); });`);
  expect(status).toBe(0);
  expect(lines.at(-1)).toBe("2 passed, 0 failed");
});

test("counts what failed", () => {
  const { status, lines } = runVitest(`test("a", () => {}); test("b", () => { throw new Error("no"); });`);
  expect(status).toBe(1);
  expect(lines.at(-1)).toBe("1 passed, 1 failed");
});

const skipping = `test("a", () => {}); test("b", (context) => context.skip("no envoy here"));`;

test("says loudly what was skipped, and why", () => {
  const { status, lines } = runVitest(skipping);
  expect(status).toBe(0);
  expect(lines.slice(-3)).toEqual(["SKIPPED 1:", "  some.test.ts > b: no envoy here", "1 passed, 0 failed"]);
});

test("where nothing may be missing, skipped is failed", () => {
  const { status, lines } = runVitest(skipping, { strict: true });
  expect(status).toBe(1);
  expect(lines.at(-1)).toBe("1 passed, 1 failed");
});

test("what a name pattern leaves out was not skipped", () => {
  const { status, lines } = runVitest(skipping, { strict: true, args: ["-t", "^a$"] });
  expect(status).toBe(0);
  expect(lines.at(-1)).toBe("1 passed, 0 failed");
});

test("a run without a test that passed is a failed one", () => {
  for (const source of [undefined, "", `test.skip("a", () => {});`]) {
    const { status, lines } = runVitest(source);
    expect(status, source).toBe(1);
    expect(lines.at(-1), source).toBe("0 passed, 1 failed");
  }
});

test("a stray error is a failure", () => {
  const { status, lines } = runVitest(`test("a", () => { void Promise.reject(new Error("stray")); });`);
  expect(status).toBe(1);
  expect(lines.at(-1)).toBe("1 passed, 1 failed");
});

test("a file that does not load is a failure", () => {
  const { status, lines } = runVitest(`test("a", () => {}); throw new Error("not loaded");`);
  expect(status).toBe(1);
  expect(lines.at(-1)).toBe("0 passed, 1 failed");
});

test("a hook that fails is a failure", () => {
  const { status, lines } = runVitest(`test("a", () => {}); afterAll(() => { throw new Error("not closed"); });`);
  expect(status).toBe(1);
  expect(lines.at(-1)).toBe("1 passed, 1 failed");
});
