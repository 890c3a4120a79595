import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Node } from "typescript/unstable/ast";
import type { Symbol as Named, Project } from "typescript/unstable/sync";
import { entryPointsOf, libraries } from "./entry-points.ts";
import { openPublicApi, type PublicApi } from "./public-api.ts";

const entryPoints = libraries.flatMap(entryPointsOf);

/** Gives the entry points as they are declared for users. Compiled first: a function's source has its body, its declaration has its types. */
export function withDeclarations<T>(use: (api: PublicApi, folder: string) => T): T {
  // Where the packages that the declarations import are found.
  const folder = mkdtempSync(join("node_modules", ".api-"));
  const declared = (source: string) => join(folder, source.replace(/\.ts$/, ".d.ts"));
  try {
    const files = entryPoints.map(({ source }) => resolve(source));
    const emitted = { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: resolve("."), outDir: resolve(folder) };
    spawnSync("tsc", ["-p", writeConfig(join(folder, "tsconfig.build.json"), emitted, files)], { stdio: "inherit" });
    // What one package imports of another is what that one declares, so that both are of one type.
    const paths = Object.fromEntries(entryPoints.map(({ name, source }) => [name, [resolve(declared(source))]]));
    const config = writeConfig(
      join(folder, "tsconfig.json"),
      { paths },
      entryPoints.map(({ source }) => resolve(declared(source))),
    );
    using api = openPublicApi(config, entryPoints, declared);
    return use(api, resolve(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeConfig(path: string, compilerOptions: object, files: readonly string[]): string {
  writeFileSync(path, JSON.stringify({ extends: resolve("tsconfig.json"), compilerOptions, files, include: [] }));
  return path;
}

export function declarationsOf(symbol: Named, project: Project): readonly Node[] {
  return symbol.declarations.map((handle) => handle.resolve(project)).filter((node) => node !== undefined);
}
