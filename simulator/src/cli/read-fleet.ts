import { readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Contender } from "../contender.ts";
import type { Scenario } from "../scenario.ts";
import { validateScenario } from "../validate-scenario.ts";
import { readYaml } from "./read-yaml.ts";

/** What a user hands over: a fleet, and perhaps ways of their own to balance it. */
export interface Fleet {
  readonly scenario: Scenario;
  readonly contenders: readonly Contender[];
}

/**
 * Reads a fleet from YAML (or JSON), or from a module that exports `scenario` and perhaps `contenders`.
 *
 * @throws Error that names the file, the line if it has one, and what to do
 */
export async function readFleet(path: string): Promise<Fleet> {
  if ([".yaml", ".yml", ".json"].includes(extname(path))) {
    const scenario = readYaml(path, readFileSync(path, "utf8"), validateScenario);
    return { scenario, contenders: [] };
  }
  if ([".ts", ".mts", ".js", ".mjs"].includes(extname(path))) return importFleet(path);
  throw new Error(`${path} is no fleet: give a file that ends with .yaml, .yml, .json, .ts, .mts, .js or .mjs`);
}

async function importFleet(path: string): Promise<Fleet> {
  const module = (await import(pathToFileURL(resolve(path)).href)) as { readonly scenario?: unknown; readonly contenders?: unknown };
  const { scenario, contenders = [] } = module;
  if (scenario === undefined) throw new Error(`${path} exports no scenario: add \`export const scenario: Scenario = { ... }\``);
  if (!Array.isArray(contenders))
    throw new Error(`${path}: contenders is no list: export const contenders: readonly Contender[] = [ ... ]`);
  try {
    return { scenario: validateScenario(scenario), contenders };
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}
