import { execFileSync } from "node:child_process";

/** For tests: addresses that pods may have, on this machine. Kubernetes refuses those of 127.0.0.0/8, so that lo gets 254 more. */
export class PodNetwork implements AsyncDisposable {
  /** The process id makes it one of its own. */
  readonly #prefix = `10.212.${process.pid % 250}`;
  #used = 0;

  /** @throws Error without root */
  constructor() {
    ip("address", "replace", `${this.#prefix}.254/24`, "dev", "lo");
  }

  /** Each is given once. */
  next(): string {
    if (this.#used === 253) throw new Error("no address is left");
    return `${this.#prefix}.${++this.#used}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    ip("address", "delete", `${this.#prefix}.254/24`, "dev", "lo");
  }
}

function ip(...command: readonly string[]): void {
  execFileSync("ip", command, { stdio: ["ignore", "ignore", "pipe"] });
}
