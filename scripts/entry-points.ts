import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The packages that programs import from, by their folders. A command line is documented by its page, the simulator by its README. */
export const libraries = [".", "kubernetes", "control-plane"] as const;

export interface EntryPointFile {
  /** As it is imported: `meshless/balancer`. */
  readonly name: string;
  /** Where it is written, such as `src/balancer/index.ts`. */
  readonly source: string;
}

/** Those of a package that its `exports` name. */
export function entryPointsOf(folder: string): readonly EntryPointFile[] {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, { readonly types?: string }>>;
  };
  return Object.entries(exports).flatMap(([path, { types }]) =>
    types === undefined
      ? []
      : { name: join(name, path), source: join(folder, types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts")) },
  );
}

/** The name of its file or page. */
export function fileNameOf(entryPoint: string): string {
  return entryPoint.replace("/", "-");
}
