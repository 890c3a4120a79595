import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

/** What a reader of a page has to do next. */
export type TutorialStep =
  | { readonly kind: "run" | "start" | "see"; readonly text: string }
  | { readonly kind: "write"; readonly file: string; readonly text: string };

/** Far above what any step takes: it only bounds a hang. */
const LIMIT_MS = 120_000;

/**
 * The steps of a section of a Markdown page, which are its fenced blocks. `sh` is to be run, `text` is what is to be seen. The sentence before a block names the
 * file that the block is, or the terminal in which it goes on running.
 */
export function stepsOf(markdown: string, heading: string): readonly TutorialStep[] {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`there is no section "${heading}"`);
  return [...section.matchAll(/(?<=^(.*)\n\n)```(\w+)\n([\s\S]*?)^```$/gm)].map(([, sentence = "", language, text = ""]): TutorialStep => {
    if (language === "text") return { kind: "see", text: text.trim() };
    if (language === "sh") return { kind: /terminal|, in a third/.test(sentence) ? "start" : "run", text };
    const file = /`([\w./-]+\.\w+)`/.exec(sentence)?.[1];
    if (file === undefined) throw new Error(`which file is this? ${text}`);
    return { kind: "write", file, text };
  });
}

/** Does what a page says, in an empty folder, with packages as they would be published. */
export class Tutorial implements AsyncDisposable {
  readonly #folder: string;
  readonly #packages: Readonly<Record<string, string>>;
  readonly #started: ChildProcess[] = [];
  readonly #seen: string[] = [];

  /** @param packages what stands for a package in `npm install`: a tarball, or its name with a version */
  constructor(folder: string, packages: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#packages = packages;
  }

  async follow(steps: readonly TutorialStep[]): Promise<void> {
    for (const step of steps) {
      if (step.kind === "write") this.#write(step.file, step.text);
      else if (step.kind === "see") await this.see(step.text);
      else if (step.kind === "start") this.#start(step.text);
      else await this.#run(step.text);
    }
  }

  /** Resolves when something that runs prints a line, from now on. */
  async see(line: string): Promise<void> {
    const endsAtMs = performance.now() + LIMIT_MS;
    this.#seen.length = 0;
    while (!this.#seen.includes(line)) {
      if (performance.now() > endsAtMs) throw new Error(`not seen: ${line}\nbut: ${this.#seen.slice(-5).join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends what was started by a command with this in it, as Ctrl-C does. */
  interrupt(command: string): void {
    for (const child of this.#started.filter(({ spawnargs }) => spawnargs.at(-1)?.includes(command))) signal(child, "SIGINT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#started) signal(child, "SIGKILL");
  }

  /** The first command makes a folder and goes there, and a reader stays there. */
  get #cwd(): string {
    const made = join(this.#folder, "ten-minutes");
    return existsSync(made) ? made : this.#folder;
  }

  #write(file: string, text: string): void {
    const path = join(this.#cwd, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  async #run(text: string): Promise<void> {
    const child = this.#start(text);
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`ended with ${code}: ${text}`);
  }

  #start(text: string): ChildProcess {
    const command = text.replace(/^npm install .*$/gm, (line) => line.replace(/\S+/g, (name) => this.#packages[name] ?? name));
    // A group of its own, so that what it leaves behind in the background ends with it.
    const child = spawn("sh", ["-e", "-c", command], { cwd: this.#cwd, detached: true, stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", (line) => this.#seen.push(line));
    this.#started.push(child);
    return child;
  }
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // All of its group have ended.
  }
}
