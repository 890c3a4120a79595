import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "./pack.ts";
import { stepsOf, Tutorial } from "./tutorial.ts";

const folder = mkdtempSync(join(tmpdir(), "package-"));
try {
  const [meshless, kubernetes, controlPlane] = [pack(folder), pack(folder, "kubernetes"), pack(folder, "control-plane")];
  const tarballs = [meshless, kubernetes, controlPlane, pack(folder, "simulator"), pack(folder, "cli")];
  for (const tarball of tarballs) {
    run("publint", ["run", tarball, "--strict"]);
    run("attw", [tarball, "--profile", "esm-only", "--no-emoji"]);
  }
  tryOut(tarballs);
  // Of a package that is not published yet, what it depends on is not either.
  await learn({ meshless, "meshless-control-plane": `${kubernetes} ${controlPlane}` });
} finally {
  rmSync(folder, { recursive: true });
}

/** As a user has them: installed into an empty folder, and run by their bins. The simulator's threads start from what was packed. */
function tryOut(tarballs: readonly string[]): void {
  const user = join(folder, "user");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), JSON.stringify({ private: true }));
  run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs], user);
  run("npx", ["meshless-control-plane", "--help"], user);
  run("npx", ["meshless-cli", "check", "static:///127.0.0.1:1", "--help"], user);
  run("npx", ["meshless-simulator", "--help"], user);
  run("npx", ["meshless-simulator", "node_modules/meshless-simulator/examples/my-fleet.yaml", "--seeds", "1"], user);
}

/** As a newcomer has them: by the first page that tells how to start, to the letter. */
async function learn(tarballs: Readonly<Record<string, string>>): Promise<void> {
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly devDependencies: Record<string, string> };
  const pinned = Object.entries(devDependencies).map(([name, version]) => [name, `${name}@${version}`]);
  const home = join(folder, "newcomer");
  mkdirSync(home);
  await using tutorial = new Tutorial(home, { ...Object.fromEntries(pinned), ...tarballs });
  const steps = stepsOf(readFileSync("docs/control-plane.md", "utf8"), "In ten minutes");
  await tutorial.follow(steps);
  // The page says that calls go on without a control plane.
  tutorial.interrupt("meshless-control-plane");
  const last = steps.findLast(({ kind }) => kind === "see");
  await tutorial.see(last?.text ?? "");
}

function run(command: string, args: readonly string[], cwd = "."): void {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) {
    console.error(`FAILED: ${command} ${args.join(" ")}`);
    process.exitCode = 1;
  }
}
