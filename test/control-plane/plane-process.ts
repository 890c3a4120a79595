import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";

/** The control plane as its users run it, on a free port. */
export class PlaneProcess implements AsyncDisposable {
  port = 0;
  readonly #log = new Set<string>();
  readonly #lines = new EventEmitter();
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  private constructor(registry: readonly string[]) {
    const args = [...registry, "--listen", "127.0.0.1:0", "--allow-addresses", "127.0.0.0/8", "--log-level", "debug"];
    this.#child = spawn(process.execPath, ["control-plane/src/cli.ts", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    this.#exit = once(this.#child, "exit");
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => this.#read(line));
  }

  /** Resolves when it listens, whether or not there is a good file. */
  static start(file: string): Promise<PlaneProcess> {
    return PlaneProcess.startOn("--registry", `file:${file}`);
  }

  /** @param registry options that say where services come from */
  static async startOn(...registry: readonly string[]): Promise<PlaneProcess> {
    const plane = new PlaneProcess(registry);
    await Promise.race([plane.said("serving xDS"), plane.#exit.then(() => Promise.reject(new Error("it ended before it listened")))]);
    return plane;
  }

  /** Resolves once its log has a message. */
  async said(message: string): Promise<void> {
    while (!this.#log.has(message)) await once(this.#lines, "line");
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  /** @returns its exit code, and the signal that it died of */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<unknown> {
    this.#child.kill(signal);
    return this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }

  #read(line: string): void {
    const { msg, port } = JSON.parse(line) as { readonly msg: string; readonly port?: number };
    if (msg === "serving xDS") this.port = port ?? 0;
    this.#log.add(msg);
    this.#lines.emit("line");
  }
}
