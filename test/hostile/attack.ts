import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What an attacker tells of itself. */
export interface AttackReport {
  /** Where it listens, if it does. */
  readonly port?: number;
  /** How many connections it has had. */
  readonly connections?: number;
  /** A flood is over: so many bytes were sent. */
  readonly bytes?: number;
  /** The victim closed the connection before the flood was over. */
  readonly closed?: boolean;
}

/** An attacker in a process of its own, so that the memory and time that are measured are the victim's. */
export interface Attack extends AsyncDisposable {
  /** Its latest words on each point. */
  readonly said: AttackReport;
  /** Whether the first flood is over. Throws if it never will be. */
  isOver(): boolean;
}

const files = {
  server: fileURLToPath(new URL("./flooding-server.ts", import.meta.url)),
  client: fileURLToPath(new URL("./flooding-client.ts", import.meta.url)),
};

/** Starts a flooding server or client, and waits for its first word. */
export async function startAttack(by: keyof typeof files, ...args: readonly string[]): Promise<Attack> {
  const child: ChildProcess = fork(files[by], args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const attack = {
    said: {} as AttackReport,
    isOver() {
      if (child.exitCode !== null) throw new Error(`the flooding ${by} ended, with ${child.exitCode}, before its flood did`);
      return attack.said.bytes !== undefined;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const exit = once(child, "exit");
      child.kill();
      await exit;
    },
  };
  child.on("message", (report: AttackReport) => {
    attack.said = { ...attack.said, ...report };
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the flooding ${by} ended, with ${code}, before it began`);
  });
  await Promise.race([once(child, "message"), ended]);
  ended.catch(() => {});
  return attack;
}
