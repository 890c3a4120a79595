import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { generate, generatedFolders } from "./generate.ts";

const fresh = mkdtempSync(join(tmpdir(), "generated-"));
try {
  generate(fresh);
  const wanted = readFiles(fresh);
  const committed = readFiles(".");
  const different = [...new Set([...wanted.keys(), ...committed.keys()])].filter((path) => wanted.get(path) !== committed.get(path));
  if (wanted.size === 0 || different.length > 0) {
    console.error(`generated code differs from proto/; run \`node scripts/generate.ts\` and commit:\n${different.join("\n")}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true });
}

/** The text of every generated file below `base`, by its path there. */
function readFiles(base: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of generatedFolders) {
    for (const entry of readdirSync(join(base, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name);
        files.set(relative(base, path), readFileSync(path, "utf8"));
      }
    }
  }
  return files;
}
