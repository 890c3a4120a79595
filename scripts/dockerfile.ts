import { execFileSync, execSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a Dockerfile makes: the folder of its last stage's files, and how they are run. */
export interface BuiltImage {
  readonly folder: string;
  readonly entryPoint: readonly string[];
  readonly user: string;
}

interface Stage {
  readonly folder: string;
  workingDirectory: string;
}

/**
 * Follows a Dockerfile without a container engine, each stage in a folder of its own: base images are taken for empty, and commands run on this machine, so
 * that they have to keep to relative paths. It knows the instructions that ours has.
 *
 * @param folder an empty one
 */
export function buildImage(dockerfile: string, folder: string): BuiltImage {
  const context = join(folder, "context");
  copyContext(context);
  const stages = new Map<string, Stage>();
  let stage: Stage = { folder, workingDirectory: "/" };
  let entryPoint: readonly string[] = [];
  let user = "root";
  for (const [instruction, rest] of instructionsOf(dockerfile)) {
    const here = join(stage.folder, stage.workingDirectory);
    if (instruction === "FROM") {
      const name = / AS (\w+)$/.exec(rest)?.[1] ?? "last";
      stage = { folder: join(folder, `stage-${name}`), workingDirectory: "/" };
      stages.set(name, stage);
      mkdirSync(stage.folder);
    } else if (instruction === "WORKDIR") {
      stage.workingDirectory = rest;
      mkdirSync(join(stage.folder, rest), { recursive: true });
    } else if (instruction === "COPY") {
      const [, name] = /^--from=(\w+) /.exec(rest) ?? [];
      copy(
        name === undefined ? context : (stages.get(name)?.folder ?? ""),
        here,
        rest.replace(/^--from=\w+ /, "").split(" "),
        stage.folder,
      );
    } else if (instruction === "RUN") {
      console.log(`RUN ${rest}`);
      execSync(rest, { cwd: here, stdio: "inherit" });
    } else if (instruction === "ENTRYPOINT") entryPoint = JSON.parse(rest) as string[];
    else if (instruction === "USER") user = rest;
    else if (instruction !== "EXPOSE" && instruction !== "CMD") throw new Error(`${instruction}: not known here`);
  }
  return { folder: stage.folder, entryPoint, user };
}

function instructionsOf(dockerfile: string): readonly (readonly [instruction: string, rest: string])[] {
  const lines = dockerfile.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
}

/** What an engine would be sent: the files of the repository that `.dockerignore` lets through. */
function copyContext(folder: string): void {
  const lines = readFileSync(".dockerignore", "utf8").split("\n");
  const wanted = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" }).trim().split("\n");
  for (const file of files.filter((file) => wanted.some((name) => file === name || file.startsWith(`${name}/`)))) {
    cpSync(file, join(folder, file));
  }
}

/** To a folder that ends in a slash, or that the one source becomes. */
function copy(from: string, here: string, paths: readonly string[], root: string): void {
  const sources = paths.slice(0, -1);
  const target = paths.at(-1) ?? "";
  const to = join(target.startsWith("/") ? root : here, target);
  for (const source of sources) {
    const isInto = target.endsWith("/");
    const destination = isInto ? join(to, source.slice(source.lastIndexOf("/") + 1)) : to;
    mkdirSync(dirname(destination), { recursive: true });
    cpSync(join(from, source), destination, { recursive: true, verbatimSymlinks: true });
  }
}
