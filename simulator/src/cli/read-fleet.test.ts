import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { select } from "../suite/select.ts";
import { loadSuite } from "./fleet-suite.ts";
import { DEFAULT_POLICIES } from "./options.ts";
import { readFleet } from "./read-fleet.ts";

const directory = mkdtempSync(join(tmpdir(), "fleet-"));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const scenario = {
  name: "mine",
  description: "Two pods.",
  durationMs: 1000,
  servers: [{ name: "pod", count: 2, cores: 4 }],
  clients: [{ name: "client", count: 1, rate: 10, work: { kind: "constant", value: 5 } }],
};

test("the example is a fleet, and the default policies exist", async () => {
  const example = fileURLToPath(new URL("../../examples/my-fleet.yaml", import.meta.url));
  const { chapters } = select(await loadSuite(example), { policies: DEFAULT_POLICIES });
  expect(chapters[0]?.cells[0]?.contenders.toSorted()).toEqual(DEFAULT_POLICIES.toSorted());
});

test("JSON is a fleet as well", async () => {
  expect(await readFleet(file("mine.json", JSON.stringify(scenario)))).toEqual({ scenario, contenders: [] });
});

test("a module exports a scenario, and perhaps contenders, who are compared with everybody else", async () => {
  const contender = '{ name: "mine", description: "", create() { throw new Error("not asked") } }';
  const path = file("mine.mjs", `export const scenario = ${JSON.stringify(scenario)};\nexport const contenders = [${contender}];`);
  const suite = await loadSuite(path);
  expect(suite.chapters[0]?.cells[0]?.contenders.slice(0, 1)).toEqual(["mine"]);
  expect(suite.entrants.map(({ name }) => name)).toContain("p2c");
});

test("a contender can't take a name that is taken", async () => {
  const path = file(
    "taken.mjs",
    `export const scenario = ${JSON.stringify(scenario)};\nexport const contenders = [{ name: "p2c", description: "" }];`,
  );
  await expect(loadSuite(path)).rejects.toThrow('there is a policy "p2c" already: give yours another name');
});

test.each([
  ["none.mjs", "export const fleet = {};", "none.mjs exports no scenario: add `export const scenario"],
  ["wrong.mjs", "export const scenario = { name: 1 };", "wrong.mjs: "],
  ["list.mjs", "export const scenario = {}; export const contenders = 1;", "contenders is no list"],
  ["fleet.toml", "", "fleet.toml is no fleet: give a file that ends with"],
])("%s is an error that says what to do", async (name, content, message) => {
  await expect(readFleet(file(name, content))).rejects.toThrow(message);
});
