import { execFile, execFileSync, spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { pack } from "../../scripts/pack.ts";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean } | undefined>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

/** Every subpath that the package promises, as a user writes it; the manifest itself left out. */
export const subpaths: readonly string[] = Object.keys(manifest.exports)
  .filter((path) => path !== "./package.json")
  .map((path) => path.replace(".", "meshless"));

const isOptional = (peer: string) => manifest.peerDependenciesMeta[peer]?.optional === true;

export const peers: readonly string[] = Object.keys(manifest.peerDependencies).filter((peer) => !isOptional(peer));

/** A user's folder, in which the packed tarball and its peers are installed, and nothing else. */
export class InstalledPackage {
  readonly #folder = mkdtempSync(join(tmpdir(), "user-"));

  constructor() {
    writeFileSync(join(this.#folder, "package.json"), JSON.stringify({ private: true }));
    this.#install(pack(this.#folder), ...peers.map(pinned));
    cpSync(join(import.meta.dirname, "user"), this.#folder, { recursive: true });
    this.#generate("gen-esm", "module");
    this.#generate("gen-cjs", "legacy_commonjs");
  }

  /** Adds those that users need for a part of the package alone. */
  addOptionalPeers(): void {
    this.#install(...Object.keys(manifest.peerDependencies).filter(isOptional).map(pinned));
  }

  /** The names of all installed packages, at whatever depth. */
  packages(): readonly string[] {
    const manifests = globSync("**/node_modules/{*,@*/*}/package.json", { cwd: this.#folder });
    return manifests.map((path) => path.slice(path.lastIndexOf("node_modules/") + 13, -"/package.json".length)).sort();
  }

  /** What a script in the folder prints; fails when it does. */
  async node(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: this.#folder });
    return stdout.trim();
  }

  /** What the compiler says of one of the user's files: nothing, when its types fit. */
  typecheck(file: string): string {
    const types = ["--types", "node", "--typeRoots", join(process.cwd(), "node_modules/@types")];
    const options = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2024", "--module", "nodenext"];
    return spawnSync("tsc", [...options, ...types, file], { cwd: this.#folder, encoding: "utf8" }).stdout;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #install(...packages: readonly string[]): void {
    const args = ["install", "--prefer-offline", "--no-audit", "--no-fund", ...packages];
    execFileSync("npm", args, { cwd: this.#folder, stdio: "pipe" });
  }

  #generate(out: string, importStyle: "module" | "legacy_commonjs"): void {
    const plugin = { local: "protoc-gen-es", out: join(this.#folder, out), opt: ["target=js+dts", `js_import_style=${importStyle}`] };
    const paths = ["proto/meshless/testing"];
    const template = { version: "v2", inputs: [{ directory: "proto", paths }], plugins: [plugin] };
    execFileSync("buf", ["generate", "--template", JSON.stringify(template)], { stdio: "pipe" });
    const type = importStyle === "module" ? "module" : "commonjs";
    writeFileSync(join(this.#folder, out, "package.json"), JSON.stringify({ type }));
  }
}

function pinned(peer: string): string {
  return `${peer}@${manifest.devDependencies[peer]}`;
}
