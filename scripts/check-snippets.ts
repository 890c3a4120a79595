import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync } from "oxc-parser";

export interface Snippet {
  /** The line of its Markdown file that it begins on, counted from 1. */
  readonly line: number;
  readonly code: string;
}

const FOLDER = ".cache/snippets";
/** What readers bring along, such as their service: declared once, for all snippets. */
const GIVEN = "scripts/snippets/given.ts";

/** The blocks of a Markdown file that are fenced as `ts`. */
export function snippetsOf(markdown: string): readonly Snippet[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: code = "", index }) => ({
    code,
    line: markdown.slice(0, index).split("\n").length + 1,
  }));
}

/**
 * Type-checks the snippets of Markdown files against the package's entry points. A snippet sees the imports of those above it in its file,
 * as its readers do.
 *
 * @param files text by path
 * @returns a line for each error, by the place in the Markdown file
 */
export function checkSnippets(files: Readonly<Record<string, string>>): readonly string[] {
  rmSync(FOLDER, { recursive: true, force: true });
  writeBelowFolder("tsconfig.json", JSON.stringify({ extends: relative(FOLDER, "tsconfig.json"), ...settings }));
  for (const [path, markdown] of Object.entries(files)) {
    const imports = new Map<string, string>();
    for (const { line, code } of snippetsOf(markdown)) {
      const own = importsOf(code);
      const inherited = [...imports].flatMap(([name, statement]) => (own.has(name) ? [] : statement));
      // Padded to the lines of the Markdown file, so that the compiler's are the same.
      writeBelowFolder(`${path}.${line}.ts`, `${inherited.join(" ")}${"\n".repeat(line - 1)}${code}export {};`);
      for (const [name, statement] of own) imports.set(name, statement);
    }
  }
  const { status, stdout } = spawnSync("tsc", ["--pretty", "false", "-p", FOLDER], { encoding: "utf8" });
  const errors = stdout.split("\n").filter((text) => text !== "");
  if (status !== 0 && errors.length === 0) throw new Error(`tsc ended with ${status} and said nothing`);
  return errors.map((text) => text.replace(/^\.cache\/snippets\/(.*)\.\d+\.ts\((\d+),\d+\)/, "$1:$2"));
}

const settings = {
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
  include: ["."],
  files: [relative(FOLDER, GIVEN)],
};

function writeBelowFolder(path: string, text: string): void {
  const file = join(FOLDER, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A statement for each name that the code imports. */
function importsOf(code: string): ReadonlyMap<string, string> {
  const { staticImports } = parseSync("snippet.ts", code).module;
  return new Map(
    staticImports.flatMap(({ entries, moduleRequest }) =>
      entries.map(({ importName, localName, isType }) => [
        localName.value,
        importStatement(importName.name ?? "default", localName.value, isType, moduleRequest.value),
      ]),
    ),
  );
}

function importStatement(imported: string, local: string, isType: boolean, from: string): string {
  return `import { ${isType ? "type " : ""}${imported} as ${local} } from "${from}";`;
}

if (import.meta.main) {
  const paths = globSync(["*.md", "docs/**/*.md", "examples/**/*.md", "simulator/*.md", "site/*.md"]);
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(path, "utf8")]));
  const count = Object.values(files).flatMap(snippetsOf).length;
  if (count === 0) throw new Error("no snippets at all: run this where README.md is");
  const errors = checkSnippets(files);
  for (const error of errors) console.error(error);
  console.log(`snippets: ${count} in ${paths.length} Markdown files, ${errors.length} errors`);
  process.exitCode = errors.length > 0 ? 1 : 0;
}
