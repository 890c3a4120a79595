import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Node } from "typescript/unstable/ast";
import type { Symbol as Named, Project } from "typescript/unstable/sync";
import { openPublicApi, type PublicApi } from "./public-api.ts";

/** Gives the entry points as they are declared for users. Compiled first: a function's source has its body, its declaration has its types. */
export function withDeclarations<T>(use: (api: PublicApi, folder: string) => T): T {
  // Where the packages that the declarations import are found.
  const folder = mkdtempSync(join("node_modules", ".api-"));
  try {
    spawnSync("tsc", ["-p", "tsconfig.build.json", "--emitDeclarationOnly", "--outDir", folder], { stdio: "inherit" });
    const config = join(folder, "tsconfig.json");
    writeFileSync(
      config,
      JSON.stringify({ extends: resolve("tsconfig.json"), compilerOptions: { paths: {} }, include: ["**/*.d.ts"], exclude: [] }),
    );
    using api = openPublicApi(config, (types) => join(folder, types));
    return use(api, resolve(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function declarationsOf(symbol: Named, project: Project): readonly Node[] {
  return symbol.declarations.map((handle) => handle.resolve(project)).filter((node) => node !== undefined);
}
