import { execFileSync } from "node:child_process";

/** Where the templates write. */
export const generatedFolders = ["src/gen", "test/gen", "control-plane/src/gen"] as const;

/** Generates code from `proto/` into {@link generatedFolders} below `base`. */
export function generate(base: string): void {
  for (const template of ["buf.gen.yaml", "buf.gen.test.yaml", "buf.gen.control-plane.yaml"]) {
    execFileSync("buf", ["generate", "--template", template, "--output", base], { stdio: "inherit" });
  }
}

if (import.meta.main) {
  generate(".");
}
