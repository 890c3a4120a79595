import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { validateScenario } from "../validate-scenario.ts";
import { readYaml } from "./read-yaml.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../../README.md");

test("every field of a scenario is in the README", () => {
  const fields = new Set([...read("../scenario.ts").matchAll(/readonly (\w+)\??:/g)].map(([, field = ""]) => field));
  expect(fields.size).toBeGreaterThan(50);
  const missing = [...fields].filter((field) => !new RegExp(`\`${field}\``).test(readme));
  expect(missing).toEqual([]);
});

test("every kind of distribution and fault is in the README", () => {
  const kinds = [...read("../scenario.ts").matchAll(/readonly kind: "(\w+)"/g)].map(([, kind = ""]) => kind);
  expect(kinds.length).toBeGreaterThan(8);
  for (const kind of kinds) expect(readme).toContain(`\`${kind}\``);
});

test("the README's fleet is one", () => {
  const [, yaml = ""] = /```yaml\n(.*?)```/s.exec(readme) ?? [];
  expect(readYaml("README.md", yaml, validateScenario).name).toBe("checkout");
});
