import { onTestFinished } from "vitest";
import { runCli } from "../../control-plane/src/cli/run-cli.ts";
import { silentLogger } from "../../control-plane/src/logger.ts";

/** For tests: the command in this process, until the test ends, and its port. */
export async function runningCommand(...args: readonly string[]): Promise<number> {
  let port = 0;
  let err = "";
  const logger = {
    ...silentLogger,
    info: (details: { readonly port?: number }, message: string) => {
      if (message === "serving xDS") port = details.port ?? 0;
    },
  };
  const running = await runCli(["--listen", "127.0.0.1:0", ...args], { out() {}, err: (text) => (err += text), logger: () => logger });
  if (typeof running === "number") throw new Error(`it ended with ${running}: ${err}`);
  onTestFinished(() => running.close());
  return port;
}
