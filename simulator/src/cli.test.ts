import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const CLI = fileURLToPath(new URL("cli.ts", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "cli-"));
afterAll(() => rmSync(directory, { recursive: true }));

const fleet = join(directory, "fleet.yaml");
writeFileSync(
  fleet,
  `name: tiny
description: Two pods.
durationMs: 2000
servers: [{ name: pod, count: 2, cores: 1 }]
clients: [{ name: client, count: 2, rate: 50, work: { kind: exponential, mean: 10 } }]
`,
);

function cli(...args: readonly string[]) {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: "utf8", cwd: directory });
}

test("compares policies, prints a table, and writes a page", () => {
  const { status, stdout } = cli(fleet, "--policies", "p2c,round-robin", "--seeds", "2", "--report", "out.html");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^tiny\nTwo pods\.\npolicy +p50 ms .*\nround-robin +\S+ .*\np2c +\S+ /);
  expect(readFileSync(join(directory, "out.html"), "utf8")).toContain('<section class="cell" id="tiny">');
});

test("as JSON, stdout is nothing else", () => {
  const { status, stdout } = cli(fleet, "--policies", "p2c", "--seeds", "1", "--json");
  expect(status).toBe(0);
  expect(JSON.parse(stdout).chapters[0].cells[0].runs.p2c).toHaveLength(1);
});

test("lists the policies, and helps", () => {
  expect(cli("--list").stdout).toMatch(/^p2c +\S/m);
  expect(cli("--help").stdout).toContain("npx meshless-simulator FLEET");
});

test.each([
  [[], "which fleet?"],
  [["missing.yaml"], "there is no file missing.yaml"],
  [[fleet, "--policies", "p2x"], 'there is no policy "p2x". Did you mean "p2c"?'],
])("%j ends with exit code 2 and says why", (args, message) => {
  const { status, stderr, stdout } = cli(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(message);
});

test("a fleet that is wrong ends with exit code 2 and names the line", () => {
  const wrong = join(directory, "wrong.yaml");
  writeFileSync(wrong, readFileSync(fleet, "utf8").replace("cores: 1", "cores: none"));
  const { status, stderr } = cli(wrong);
  expect(status).toBe(2);
  expect(stderr).toContain('wrong.yaml:4: servers[0].cores is "none"');
});

test("a run that fails ends with exit code 1 and names it", () => {
  const failing = join(directory, "failing.mjs");
  const contender = '{ name: "mine", description: "", create() { throw new Error("the dice fell off the table"); } }';
  const scenario = {
    name: "tiny",
    description: "Two pods.",
    durationMs: 2000,
    servers: [{ name: "pod", count: 2, cores: 1 }],
    clients: [{ name: "client", count: 2, rate: 50, work: { kind: "exponential", mean: 10 } }],
  };
  writeFileSync(failing, `export const scenario = ${JSON.stringify(scenario)};\nexport const contenders = [${contender}];`);
  const { status, stderr } = cli(failing, "--policies", "mine", "--seeds", "1");
  expect(status).toBe(1);
  expect(stderr).toContain("tiny, mine, seed 1: the dice fell off the table");
});
