import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Envoy, as in a fleet it is a process of its own. Resolves when it is ready, which takes the endpoints of its clusters. */
export async function startEnvoy(): Promise<ChildProcess> {
  const config = fileURLToPath(new URL("./envoy.yaml", import.meta.url));
  const envoy = spawn("envoy", ["-c", config, "--concurrency", "1", "-l", "warning", "--disable-hot-restart"], { stdio: "inherit" });
  envoy.once("error", ({ message }) => fail(`${message}: Envoy has to be on the PATH. In a clone, \`npm run peers\` installs it.`));
  envoy.once("exit", (code) => code !== null && fail(`Envoy ended with ${code}: see its output above`));
  process.once("exit", () => envoy.kill("SIGKILL"));
  while (!(await isReady())) await delay(100);
  return envoy;
}

async function isReady(): Promise<boolean> {
  try {
    return (await fetch("http://127.0.0.1:9901/ready")).ok;
  } catch {
    return false;
  }
}

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}
