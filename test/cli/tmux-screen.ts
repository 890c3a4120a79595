import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findPeer } from "../../scripts/peers.ts";

export const hasTmux: boolean = findPeer("tmux") !== undefined;

const tmux = join(findPeer("tmux") ?? "", "tmux");
const patienceMs = 20_000;
let screens = 0;

/** A command in a terminal of its own. */
export class TmuxScreen implements AsyncDisposable {
  readonly #server = `meshless-${process.pid}-${screens++}`;

  constructor(columns: number, rows: number, command: string) {
    const size = ["-x", String(columns), "-y", String(rows)];
    execFileSync(tmux, ["-L", this.#server, "-f", "/dev/null", "new-session", "-d", ...size, command], {
      env: { ...process.env, TERM: "xterm-256color" },
    });
  }

  /** What can be seen, without colours. */
  lines(): readonly string[] {
    return this.#ask("capture-pane", "-p").split("\n");
  }

  press(key: string): void {
    this.#ask("send-keys", key);
  }

  async until(text: RegExp): Promise<void> {
    await this.#wait(
      () => text.test(this.lines().join("\n")),
      () => `${text} in\n${this.lines().join("\n")}`,
    );
  }

  /** The command is over, and its terminal gone. */
  async ended(): Promise<void> {
    await this.#wait(
      () => spawnSync(tmux, ["-L", this.#server, "has-session"]).status !== 0,
      () => "the end of the command",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    spawnSync(tmux, ["-L", this.#server, "kill-server"]);
  }

  async #wait(isThere: () => boolean, what: () => string): Promise<void> {
    const endsAtMs = performance.now() + patienceMs;
    while (!isThere()) {
      if (performance.now() > endsAtMs) throw new Error(`waited ${patienceMs} ms in vain for ${what()}`);
      await delay(100);
    }
  }

  #ask(...args: readonly string[]): string {
    return spawnSync(tmux, ["-L", this.#server, ...args], { encoding: "utf8" }).stdout;
  }
}
