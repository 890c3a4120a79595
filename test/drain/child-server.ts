import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { DrainOptions } from "../../src/server-hooks/index.ts";

export interface ChildServerOptions extends Pick<DrainOptions, "drainDelayMs" | "gracePeriodMs"> {
  readonly name: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default "2", without TLS. */
  readonly httpVersion?: "1.1" | "2";
}

/** What the process says, a line of JSON each. */
export interface ServerLine {
  readonly port?: number;
  readonly handled?: number;
}

/** A server in a process of its own, until the end of the test. */
export interface ChildServer {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly address: string;
  signal(name: NodeJS.Signals): void;
  /** Resolves when it has ended, with its exit code or the signal that killed it, how many calls it handled, and what it complained of. */
  readonly exit: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly handled: number | undefined;
    readonly errors: string;
  }>;
}

export async function startChildServer(options: ChildServerOptions): Promise<ChildServer> {
  const main = fileURLToPath(new URL("server-main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, JSON.stringify(options)]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: { port?: number; handled?: number } = {};
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const lines = createInterface({ input: child.stdout }).on("line", (line) => Object.assign(said, JSON.parse(line)));
  const exit = once(child, "close").then(([code, signal]) => ({ code, signal, handled: said.handled, errors }));
  await Promise.race([once(lines, "line"), exit]);
  const { port } = said;
  if (port === undefined) throw new Error(`the server did not start: ${errors}`);
  return { port, address: `127.0.0.1:${port}`, signal: (name) => void child.kill(name), exit };
}
