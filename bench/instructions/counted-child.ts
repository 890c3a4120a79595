import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Child } from "../../demo/child.ts";

const run = promisify(execFile);

/** Of all children. They go with this process, however it ends. */
const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Whether there is something that counts. */
export async function hasValgrind(): Promise<boolean> {
  try {
    await run("valgrind", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

/** A process whose instructions callgrind counts, of all its threads, while it is told to. What is not counted runs several times as fast. */
export class CountedChild {
  readonly child: Child;
  readonly #folder: string;
  readonly #pid: number;
  #dumps = 0;

  private constructor(child: Child, pid: number, folder: string) {
    this.child = child;
    this.#pid = pid;
    this.#folder = folder;
  }

  static async start(name: string, file: URL, order: object): Promise<CountedChild> {
    const folder = await mkdtemp(join(tmpdir(), "instructions-"));
    folders.push(folder);
    const child = new Child(name, file, order, [
      "valgrind",
      "--quiet",
      "--tool=callgrind",
      "--instr-atstart=no",
      "--fair-sched=yes",
      // Compiled JavaScript changes while it runs.
      "--smc-check=all-non-file",
      `--callgrind-out-file=${join(folder, "count")}`,
    ]);
    return new CountedChild(child, child.pid, folder);
  }

  /** From now on instructions count. */
  startCounting(): Promise<void> {
    return this.#tell("instrumentation", "on");
  }

  /** @returns how many there were since this was asked last, or since counting began */
  async takeCount(): Promise<number> {
    await this.#tell("dump");
    this.#dumps += 1;
    const dump = await readFile(join(this.#folder, `count.${this.#dumps}`), "utf8");
    const total = /^(?:totals|summary): (\d+)/m.exec(dump)?.[1];
    if (total === undefined) throw new Error("callgrind told no number of instructions");
    return Number(total);
  }

  kill(): Promise<void> {
    return this.child.kill();
  }

  async #tell(...words: string[]): Promise<void> {
    await run("vgdb", [`--pid=${this.#pid}`, ...words]);
  }
}
