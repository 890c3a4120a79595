import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Node } from "typescript/unstable/ast";
import { isIdentifier } from "typescript/unstable/ast/is";
import { type Symbol as Named, type Project, SymbolFlags } from "typescript/unstable/sync";
import { declarationsOf, withDeclarations } from "./declarations.ts";
import { commentOf } from "./docs/doc-comment.ts";
import { fileNameOf } from "./entry-points.ts";
import { type EntryPoint, originOf, type PublicApi } from "./public-api.ts";

/** Made by `outlierDetection()` only, so that nobody has to name them. */
const inner = new Set(["EjectionEnv", "Ejector"]);

interface Listing {
  /** What each entry point exports, without comments: the text of a file by its name. */
  readonly files: ReadonlyMap<string, string>;
  /** Types that nobody can name, though they appear there, and exports that no comment explains. */
  readonly problems: readonly string[];
}

function listApi(api: PublicApi, folder: string): Listing {
  const files = api.entryPoints.map((entry) => [`${fileNameOf(entry.name)}.txt`, textOf(entry, api.project)] as const);
  return { files: new Map(files), problems: [...unnamedTypes(api, folder), ...uncommented(api)] };
}

function textOf({ name, exports }: EntryPoint, project: Project): string {
  const printed = [...exports.values()].flatMap((symbol) => declarationsOf(symbol, project).map((node) => project.emitter.printNode(node)));
  return `// What ${name} exports. Written by \`npm run api -- --write\`.\n\n${printed.join("\n")}\n`;
}

function unnamedTypes({ entryPoints, project }: PublicApi, folder: string): readonly string[] {
  const exported = new Set(entryPoints.flatMap(({ exports }) => [...exports.values()].map(({ id }) => id)));
  const problems = new Set<string>();
  const look = (node: Node, by: string): void => {
    if (isIdentifier(node)) {
      const type = typeNamedBy(node, project, folder);
      if (type !== undefined && !exported.has(type.id) && !inner.has(type.name))
        problems.add(`${type.name} appears in ${by}, and is exported nowhere`);
    }
    node.forEachChild((child) => look(child, by));
  };
  for (const { exports } of entryPoints) {
    for (const [name, symbol] of exports) for (const node of declarationsOf(symbol, project)) look(node, name);
  }
  return [...problems];
}

function uncommented({ entryPoints, project }: PublicApi): readonly string[] {
  return entryPoints.flatMap(({ name, exports }) =>
    [...exports]
      .filter(([, symbol]) => commentOf(declarationsOf(symbol, project)) === "")
      .map(([exported]) => `${exported} of ${name} has no comment that says what it is`),
  );
}

/** A type of ours. */
function typeNamedBy(node: Node, { checker }: Project, folder: string): Named | undefined {
  const found = checker.getSymbolAtLocation(node);
  const symbol = found && originOf(found, checker);
  if (symbol === undefined || !(symbol.flags & SymbolFlags.Type) || symbol.flags & SymbolFlags.TypeParameter) return undefined;
  return symbol.declarations.some(({ path }) => path.startsWith(folder)) ? symbol : undefined;
}

if (import.meta.main) {
  const { files, problems } = withDeclarations(listApi);
  if (process.argv.includes("--write")) write(files);
  const changed = [...files].filter(([name, text]) => text !== readText(join("api", name))).map(([name]) => `api/${name} differs`);
  for (const line of [...problems, ...changed]) console.error(line);
  if (changed.length > 0) console.error("what is exported changed: look at it, `npm run api -- --write`, and commit");
  process.exitCode = problems.length + changed.length > 0 ? 1 : 0;
}

function write(files: ReadonlyMap<string, string>): void {
  rmSync("api", { recursive: true, force: true });
  mkdirSync("api");
  for (const [name, text] of files) writeFileSync(join("api", name), text);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
