import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync } from "oxc-parser";
import { rooms } from "./arrows.ts";

export interface ArrowReport {
  readonly files: number;
  readonly imports: number;
  /** One line each; empty when all is well. */
  readonly violations: readonly string[];
}

/**
 * Checks who imports whom below `root`.
 *
 * @throws Error when a file does not parse, or no import is found at all: a check that reads nothing finds nothing
 */
export function checkArrows(root: string): ArrowReport {
  const files = globSync("{src,test,scripts,demo,bench,faults,examples,{control-plane,kubernetes,simulator}/src}/**/*.ts", { cwd: root });
  const arrows = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), "utf8")).map((to) => [`/${file}`, to] as const));
  if (arrows.length === 0) throw new Error(`no imports in ${files.length} files below ${root}: run this where src is`);
  return { files: files.length, imports: arrows.length, violations: arrows.flatMap(([from, to]) => violation(from, to)) };
}

/** What a file imports: packages by name, files by their path from the root, and `import(...)` where the name is computed. */
function importsOf(file: string, source: string): readonly string[] {
  const { module, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => dynamicSpecifier(source.slice(start, end))),
  ];
  return [...new Set(specifiers.map((to) => (to.startsWith(".") ? posix.join("/", posix.dirname(file), to) : to)))];
}

/** Nobody can tell where a computed one leads, so that a room must be allowed to have any. */
function dynamicSpecifier(argument: string): string {
  return /^(["'])([^"']*)\1$/.exec(argument)?.[2] ?? `import(${argument})`;
}

function violation(from: string, to: string): readonly string[] {
  const room = rooms.find(({ files }) => files.test(from));
  if (room === undefined) return [`${from} is in no room: list its folder in scripts/arrows.ts`];
  if (room.may.some((allowed) => allowed.test(to))) return [];
  return [`${room.name} may not know ${to}: ${from}`];
}

if (import.meta.main) {
  const { files, imports, violations } = checkArrows(".");
  for (const line of violations) {
    console.error(line);
  }
  console.log(`arrows: ${files} files, ${imports} imports, ${violations.length} forbidden (docs/architecture.md, "The rooms")`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
