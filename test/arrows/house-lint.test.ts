import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

/** What the project's linter says of a project that holds only these files. */
function lint(files: Readonly<Record<string, string>>): { readonly status: number | null; readonly output: string } {
  const root = mkdtempSync(join(tmpdir(), "lint-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const copied of ["biome.json", ".gitignore", "scripts/lint", "package.json"]) {
    cpSync(copied, join(root, copied), { recursive: true });
  }
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), source);
  }
  const { status, stdout, stderr } = spawnSync("biome", ["lint", "--colors=off", "src"], { cwd: root, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

const impure = [
  "Date.now()",
  "new Date()",
  "performance.now()",
  "Math.random()",
  "crypto.randomUUID()",
  "setTimeout(() => 0, 1)",
  "setInterval(() => 0, 1)",
  "setImmediate(() => 0)",
  "queueMicrotask(() => 0)",
];

for (const expression of impure) {
  test(`a balancer may not ${expression}`, () => {
    const source = `export const found = () => ${expression};\n`;
    const { status, output } = lint({ "src/balancer/policies/x.ts": source });
    expect(status).toBe(1);
    expect(output).toContain("the balancer is pure: take the time and the chance as arguments");
    expect(lint({ "src/clock.ts": source }).status).toBe(0);
  });
}

test.each(["setTimeout(() => 0, 3e9)", "setInterval(() => 0, 3e9)", "AbortSignal.timeout(3e9)"])(
  "only the clock may %s, which Node.js makes 1 ms",
  (expression) => {
    const source = `export const found = () => ${expression};\n`;
    const { status, output } = lint({ "src/transport/x.ts": source });
    expect(status).toBe(1);
    expect(output).toContain("take the time from a Clock");
    expect(lint({ "src/clock.ts": source }).status).toBe(0);
  },
);

test("chance handed on is chance all the same", () => {
  expect(lint({ "src/balancer/x.ts": "export const env = { random: Math.random };\n" }).output).toContain("the balancer is pure");
});

test("types come in at the top of the file, where the arrows see them", () => {
  const { status, output } = lint({ "src/balancer/x.ts": `export type Found = import("../discovery/a.ts").Found;\n` });
  expect(status).toBe(1);
  expect(output).toContain("write import type at the top of the file");
});

test("files may not import each other in a circle", () => {
  const { status, output } = lint({
    "src/balancer/a.ts": `import { b } from "./b.ts";\nexport const a = (): unknown => b;\n`,
    "src/balancer/b.ts": `import { c } from "./policies/c.ts";\nexport const b = (): unknown => c;\n`,
    "src/balancer/policies/c.ts": `import { a } from "../a.ts";\nexport const c = (): unknown => a;\n`,
  });
  expect(status).toBe(1);
  expect(output).toContain("noImportCycles");
});

test("a circle of types alone is a circle too", () => {
  const { status, output } = lint({
    "src/balancer/a.ts": `import type { B } from "./b.ts";\nexport interface A {\n  b: B;\n}\n`,
    "src/balancer/b.ts": `import type { A } from "./a.ts";\nexport interface B {\n  a: A;\n}\n`,
  });
  expect(status).toBe(1);
  expect(output).toContain("noImportCycles");
});
